"""What a fixture for several tests writes is there for all of them, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds import render, run

pytestmark = pytest.mark.runs

SYNC = """
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import Organisation

pytestmark = pytest.mark.parametrize("round_", [1, 2])


def count(session):
    return session.scalar(select(func.count(Organisation.id)))


@pytest.fixture(scope="session")
def founders(engine):
    with Session(engine) as session:
        session.add(Organisation(name="Founders"))
        session.commit()


@pytest.fixture(scope="module")
def partners(founders, engine):
    with Session(engine) as session:
        session.add(Organisation(name="Partners"))
        session.commit()
        yield session


def test_one(founders, db, round_):
    assert count(db) == 1
    db.add(Organisation(name="Others"))
    db.commit()


def test_two(partners, db, round_):
    assert count(db) == 2
    partners.add(Organisation(name="Others"))
    partners.commit()
    assert count(db) == 3
    partners.add(Organisation(name="Nobody"))
    partners.rollback()
    assert count(db) == 3


def test_a_rollback_leaves_it(partners, db, round_):
    db.add(Organisation(name="Nobody"))
    db.rollback()
    assert count(db) == 2
"""

ASYNC = (
    SYNC.replace("    with Session(engine)", "    async with AsyncSession(engine)")
    .replace(
        "from sqlalchemy.orm import Session", "from sqlalchemy.ext.asyncio import AsyncSession"
    )
    .replace("def founders", "async def founders")
    .replace("def partners", "async def partners")
    .replace("def test_", "async def test_")
    .replace("def count", "async def count")
    .replace("return session.scalar", "return await session.scalar")
    .replace("assert count", "assert await count")
    .replace("session.commit()", "await session.commit()")
    .replace("    partners.commit()", "    await partners.commit()")
    .replace("    partners.rollback()", "    await partners.rollback()")
    .replace("    db.commit()", "    await db.commit()")
    .replace("    db.rollback()", "    await db.rollback()")
)


@pytest.mark.parametrize(
    ("engine", "mode", "driver"),
    [
        ("sqlite", "sync", "pysqlite"),
        ("sqlite", "async", "aiosqlite"),
        ("postgresql", "sync", "psycopg"),
        ("postgresql", "async", "asyncpg"),
        ("mysql", "sync", "pymysql"),
    ],
)
def test_what_wider_fixtures_write_is_kept(  # noqa: PLR0917
    template: Path, suite_python: Path, tmp_path: Path, engine: str, mode: str, driver: str
) -> None:
    project = render(
        template,
        tmp_path / "project",
        questions="everything",
        database_engine=engine,
        mode=mode,
        database_driver=driver,
        auth="none",
    )
    (project / "tests" / "test_kept.py").write_text(SYNC if mode == "sync" else ASYNC)
    done = run(suite_python, "-m", "pytest", "-q", "tests/test_kept.py", cwd=project)
    assert "6 passed" in done.stdout


TEARDOWN = """
import pytest
from sqlalchemy import func, select

from app.models import Organisation


@pytest.fixture
def failing(db):
    yield
    db.add(Organisation(name="Late"))
    db.commit()
    raise ValueError("the fixture fails while it cleans up")


def test_one(failing):
    pass


def test_two(db):
    assert db.scalar(select(func.count(Organisation.id))) == 0
"""


def test_what_a_fixture_writes_before_its_teardown_fails_is_rolled_back(
    template: Path, suite_python: Path, tmp_path: Path
) -> None:
    project = render(template, tmp_path / "project", mode="sync", auth="none")
    (project / "tests" / "test_teardown.py").write_text(TEARDOWN)
    done = run(
        suite_python, "-m", "pytest", "-q", "tests/test_teardown.py", cwd=project, check=False
    )
    assert "ERROR tests/test_teardown.py::test_one" in done.stdout
    assert "2 passed, 1 error" in done.stdout
