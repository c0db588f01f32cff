"""A worker of pytest-xdist removes its databases before it is taken for finished."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds import render, run
from tools.kills import databases_named

pytestmark = pytest.mark.runs

# As if the removal took longer than what workers get once they have said that they are finished.
IMPATIENT = """
from xdist.workermanage import NodeManager

NodeManager.EXIT_TIMEOUT = 0
"""
TESTS = """
import pytest


@pytest.mark.parametrize("number", range(4))
def test_it(db, number):
    pass
"""


def test_no_database_is_left_by_workers_that_are_killed_when_they_are_finished(
    template: Path, suite_python: Path, tmp_path: Path
) -> None:
    project = render(
        template, tmp_path / "worker_end", questions="everything", auth="none", mode="sync",
        database_engine="postgresql", database_driver="psycopg",
    )  # fmt: skip
    (project / "tests" / "test_it.py").write_text(TESTS, encoding="utf-8")
    (project / "impatient.py").write_text(IMPATIENT, encoding="utf-8")
    options = ("-q", "-n", "2", "-p", "impatient", "tests/test_it.py")
    done = run(suite_python, "-m", "pytest", *options, cwd=project, PYTHONPATH=str(project))
    assert "4 passed" in done.stdout
    left = databases_named("postgresql", "worker_end", project, suite_python)
    assert not [name for name in left if "_template_" not in name]
