"""SQLite as production has it: the PRAGMAs of the application hold in tests, each shown to."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.worlds import ROOT, build_tree, render, run

PRAGMAS = """
import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError

from app.database import session_factory
from app.models import Jar


@pytest.mark.parametrize(
    ("name", "value"), [("foreign_keys", 1), ("journal_mode", "wal"), ("synchronous", 1)]
)
@pytest.mark.parametrize("real", [pytest.param(True, marks=pytest.mark.real_commits), False])
async def test_a_pragma_is_that_of_production(db, name, value, real):
    async with session_factory() as session:
        assert await session.scalar(text(f"PRAGMA {name}")) == value


async def test_a_foreign_key_is_enforced(db):
    async with session_factory() as session:
        with pytest.raises(IntegrityError):
            await session.execute(insert(Jar).values(keeper_id=99, label="Rice", grams=1))


@pytest.mark.parametrize("again", range(2))
async def test_they_hold_where_a_test_before_changed_another(db, again):
    # The session of the test is the first on the connection that takes the place of the other.
    assert await db.scalar(text("PRAGMA foreign_keys")) == 1
    await db.execute(text("PRAGMA cache_size = 7"))


async def test_the_checks_are_green_with_them(client):
    assert (await client.get("/health")).status_code == 200
"""


@pytest.mark.runs
@pytest.mark.parametrize(
    ("forgotten", "ended"),
    [("", "10 passed"), ("foreign_keys = ON", "5 failed, 5 passed")],
    ids=["as it is", "without foreign keys"],
)
def test_the_pragmas_of_the_application_hold(
    template: Path, suite_python: Path, tmp_path: Path, forgotten: str, ended: str
) -> None:
    project = tmp_path / "pantry"
    ignored = shutil.ignore_patterns("__pycache__", ".*_cache")
    shutil.copytree(ROOT / "tests" / "backends" / "pantry", project, ignore=ignored)
    if forgotten:
        database = project / "app" / "database.py"
        database.write_text(database.read_text().replace(forgotten, "foreign_keys = OFF"))
    render(template, project)
    build_tree(project, {"tests_harness/test_pragmas.py": PRAGMAS})
    done = run(
        suite_python, "-m", "pytest", "-c", "tests_harness/pytest.ini", "--rootdir",
        "tests_harness", "-q", "tests_harness/test_pragmas.py",
        cwd=project, check=False,
    )  # fmt: skip
    assert ended in done.stdout, done.stdout
