"""What stands where files of the harness would go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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
    }
