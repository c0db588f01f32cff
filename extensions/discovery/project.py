"""What kind of project a folder holds: code, tests and their configuration, packages."""

from __future__ import annotations

import configparser
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

SKIPPED_FOLDERS = {
    "__pycache__",
    "build",
    "dist",
    "env",
    "node_modules",
    "site-packages",
    "venv",
}


@dataclass(frozen=True)
class Project:
    """Facts about a folder; paths are relative to it and empty when there is no such thing.

    `pytest_configuration` is the file pytest would read when it is started in the folder.
    """

    python_files: int
    existing_tests: str
    pytest_configuration: str
    alembic_ini: str
    package_manager: str
    makefile: str
    gitlab_ci: str


def discover(path: Path | str) -> dict[str, Any]:
    """Return the facts about a folder that the questions start from; a missing folder has none."""
    return asdict(read_project(Path(path)))


def read_project(root: Path) -> Project:
    """Read the facts about a folder."""
    return Project(
        python_files=sum(1 for _ in _python_files(root)),
        existing_tests=_existing(root, "tests") if _has_files(root / "tests") else "",
        pytest_configuration=_pytest_configuration(root),
        alembic_ini=_existing(root, "alembic.ini"),
        package_manager=_package_manager(root),
        makefile=_existing(root, "GNUmakefile", "makefile", "Makefile"),
        gitlab_ci=_existing(root, ".gitlab-ci.yml"),
    )


def _python_files(root: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(root):
        names[:] = [
            name
            for name in names
            if name not in SKIPPED_FOLDERS
            and not name.startswith(".")
            and not (Path(folder) / name / "pyvenv.cfg").exists()
        ]
        yield from (Path(folder) / file for file in files if file.endswith(".py"))


def _existing(root: Path, *names: str) -> str:
    return next((name for name in names if (root / name).exists()), "")


def _has_files(folder: Path) -> bool:
    return folder.is_dir() and any(path.is_file() for path in folder.rglob("*"))


def _pytest_configuration(root: Path) -> str:
    """Follow pytest's own order: https://docs.pytest.org/en/stable/reference/customize.html"""
    for name in ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini"):
        if (root / name).exists():
            return name
    pyproject = _text(root / "pyproject.toml")
    if "[tool.pytest.ini_options]" in pyproject or "[tool.pytest]" in pyproject:
        return "pyproject.toml"
    for name, section in (("tox.ini", "pytest"), ("setup.cfg", "tool:pytest")):
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            parser.read_string(_text(root / name))
        except configparser.Error:
            continue
        if parser.has_section(section):
            return name
    return ""


def _package_manager(root: Path) -> str:
    if (root / "uv.lock").exists():
        return "uv"
    if (root / "poetry.lock").exists() or "[tool.poetry]" in _text(root / "pyproject.toml"):
        return "poetry"
    if (root / "pyproject.toml").exists() and not (root / "requirements.txt").exists():
        return "uv"
    return "pip"


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig", errors="replace")
    except OSError:
        return ""
