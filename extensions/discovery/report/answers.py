"""What the questions start from: a plain dictionary that is stored with the answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..project.packages import simple_manager
from ..project.present import existing, folder_for_tests
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
        `makefile`, `gitlab_ci`, `tests_folder`, `repository_folder`, and in a sentence `too_old`
        and `other_data`), `no_database`, and a proposal for each question, an empty one when
        nothing was found.
    """
    root = Path(path)
    facts = facts or Facts(root)
    in_the_way = existing(root)
    tests = facts["existing_tests"].value or {}
    own_tests = in_the_way["existing_tests"] or tests.get("dir", "")
    return {
        "python_files": facts.python_files,
        **in_the_way,
        "existing_tests": own_tests,
        "tests_folder": folder_for_tests(root, own_tests)[0],
        "one_loop": bool(facts["one_loop"]),
        "package_manager": simple_manager(root),
        "too_old": facts.too_old,
        "other_data": _other_data(facts),
        "no_database": no_database(facts),
        **proposals(facts),
    }


def no_database(facts: Facts) -> bool:
    """Say whether there is an application, and nothing in it that keeps data."""
    return bool(facts["framework"]) and facts["data_layer"].value == "none"


def _other_data(facts: Facts) -> str:
    """Say what keeps the data where that is nothing that the harness takes hold of."""
    layer = facts["data_layer"]
    if layer.value in ("", "none", "sqlalchemy") or facts["metadata"]:
        return ""
    return (
        f"The application keeps its data with {layer.value} ({layer.where}) and without "
        "SQLAlchemy, which is what the test harness takes hold of to keep tests apart. Answer "
        "--data metadata_path=module:name if it does use SQLAlchemy, or --data metadata_path=none "
        "for the checks that need no database."
    )
