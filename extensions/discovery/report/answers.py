"""What the questions start from: a plain dictionary that is stored with the answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..project.packages import simple_manager
from ..project.present import existing
from .facts import Facts
from .proposals import proposals


def discover(path: Path | str, facts: Facts | None = None) -> dict[str, Any]:
    """Return what is known about a folder; nothing of it is imported, run or written.

    Args:
        path: The folder; a missing one has nothing.
        facts: What was read from it, when that has been done.

    Returns:
        Plain data, small enough to be stored: what stands in the way (`python_files`,
        `existing_tests`, `one_loop`, `pytest_configuration`, `alembic_ini`, `package_manager`,
        `makefile`, `gitlab_ci`, `packages_by_folders`, `repository_folder`), and a proposal for
        each question, an empty one when nothing was found.
    """
    root = Path(path)
    facts = facts or Facts(root)
    in_the_way = existing(root)
    tests = facts["existing_tests"].value or {}
    return {
        "python_files": facts.python_files,
        **in_the_way,
        "existing_tests": in_the_way["existing_tests"] or tests.get("dir", ""),
        "one_loop": bool(facts["one_loop"]),
        "package_manager": simple_manager(root),
        **proposals(facts),
    }
