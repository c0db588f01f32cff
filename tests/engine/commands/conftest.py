"""A project small enough to look at what the hook does with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.commands.hooks import GREEN, PYTHON, TABLE
from tests.worlds import build_tree


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one green test, what stands for the engine, and a Python that has pytest."""
    project = build_tree(
        tmp_path / "project",
        {
            "pytest.ini": "[pytest]\n",
            "tests/test_it.py": GREEN,
            "tests/harness.toml": "",
            "tests/requirements.txt": "# The least.\npytest>=8\n",
            "tests/test_harness/__init__.py": "",
            "tests/test_harness/findings/__init__.py": "",
            "tests/test_harness/findings/table.py": TABLE,
            ".venv/bin/python": PYTHON,
        },
    )
    (project / ".venv" / "bin" / "python").chmod(0o755)
    return project
