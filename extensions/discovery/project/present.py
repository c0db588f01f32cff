"""What stands where files of the harness would go."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from .packaging import is_packaged
from .suites import pytest_configuration

# Which folder the harness would lie in, the first one that is free.
FOLDERS: tuple[str, ...] = ("tests", "tests_harness", "_tests_harness")


def existing(root: Path) -> dict[str, Any]:
    """Return what stands where files of the harness would go, by the names of the questions."""

    def first(*names: str) -> str:
        return next((name for name in names if (root / name).exists()), "")

    return {
        "existing_tests": "tests" if _has_files(root / "tests") else "",
        "pytest_configuration": pytest_configuration(root),
        "alembic_ini": first("alembic.ini"),
        "makefile": first("GNUmakefile", "makefile", "Makefile"),
        "gitlab_ci": first(".gitlab-ci.yml"),
        "repository_folder": repository_folder(root),
    }


def repository_folder(root: Path) -> str:
    """Return which folder of a repository this is, with slashes.

    Empty where it is a repository itself, or none of those above it keeps what lies in it.
    """
    root = root.absolute()
    above = next((it for it in (root, *root.parents) if (it / ".git").exists()), root)
    if above == root or _is_ignored(root):
        return ""
    return root.relative_to(above).as_posix()


def _is_ignored(folder: Path) -> bool:
    try:
        asked = subprocess.run(
            ["git", "check-ignore", "--quiet", str(folder)],
            cwd=next(it for it in (folder, *folder.parents) if it.is_dir()),
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return asked.returncode == 0


def folder_for_tests(root: Path, existing_tests: str) -> tuple[str, bool]:
    """Return a folder for the harness, and whether the project's packages would get it too.

    Args:
        root: The project's folder.
        existing_tests: Where its own tests are.
    """
    free = FOLDERS[1:] if existing_tests in {"tests", "tests.py"} else FOLDERS
    free = tuple(it for it in free if not _has_files(root / it)) or free
    packaged = is_packaged(root)
    for folder in free:
        if not packaged(folder):
            return folder, False
    return free[0], True


def _has_files(folder: Path) -> bool:
    return folder.is_dir() and any(path.is_file() for path in folder.rglob("*"))
