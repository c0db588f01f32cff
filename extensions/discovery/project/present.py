"""What stands where files of the harness would go."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import tomllib

from .suites import pytest_configuration


def existing(root: Path) -> dict[str, Any]:
    """Return what stands where files of the harness would go, by the names of the questions."""

    def first(*names: str) -> str:
        return next((name for name in names if (root / name).exists()), "")

    tests = root / "tests"
    has_tests = tests.is_dir() and any(path.is_file() for path in tests.rglob("*"))
    return {
        "existing_tests": "tests" if has_tests else "",
        "pytest_configuration": pytest_configuration(root),
        "alembic_ini": first("alembic.ini"),
        "makefile": first("GNUmakefile", "makefile", "Makefile"),
        "gitlab_ci": first(".gitlab-ci.yml"),
        "packages_by_folders": packages_by_folders(root),
        "repository_folder": repository_folder(root),
    }


def repository_folder(root: Path) -> str:
    """Return which folder of a repository this is, with slashes; empty where it is one itself."""
    root = root.absolute()
    for folder in (root, *root.parents):
        if (folder / ".git").exists():
            return root.relative_to(folder).as_posix().removeprefix(".")
    return ""


def packages_by_folders(root: Path) -> bool:
    """Say whether setuptools takes each folder here for a package, and refuses to choose.

    It looks by itself where nobody names the packages, and passes over folders called `tests` or
    beginning with an underscore, not over others that tests are in.
    Source: https://setuptools.pypa.io/en/latest/userguide/package_discovery.html#flat-layout
    """
    named = re.compile(r"packages|py_modules|ext_modules")
    for name in ("setup.py", "setup.cfg"):
        path = root / name
        if path.is_file() and named.search(path.read_text(encoding="utf-8", errors="replace")):
            return False
    try:
        pyproject = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return (root / "setup.py").is_file()
    tool = pyproject.get("tool", {}).get("setuptools", {})
    # Without a table of its own nobody builds the project, and pip alone would take setuptools.
    system = pyproject.get("build-system")
    if system is None:
        return (root / "setup.py").is_file()
    return (
        str(system.get("build-backend", "setuptools")).startswith("setuptools")
        and not {"packages", "py-modules", "package-dir", "ext-modules"} & tool.keys()
        and not (root / "src").is_dir()
    )
