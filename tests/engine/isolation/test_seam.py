"""The seam holds for each way applications use SQLAlchemy, on each driver."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from test_harness.errors import IsolationError
from test_harness.isolation.drivers.real import connect
from tests.worlds import ROOT, build_tree, render, run

pytestmark = pytest.mark.runs

CANARIES = ROOT / "tests" / "canaries"


def printed_by(tests: str, project: Path, python: Path) -> str:
    """Run tests that fail beside the fixtures of the canaries, and return what that printed."""
    folder = build_tree(project / "tests" / "canaries", {"test_it.py": tests})
    for name in ("conftest.py", "rows.py"):
        shutil.copy(CANARIES / name, folder)
    return run(python, "-m", "pytest", "-q", folder / "test_it.py", cwd=project, check=False).stdout


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_rows_that_break_a_deferred_constraint_are_an_error_of_their_test(
    template: Path, suite_python: Path, tmp_path: Path, engine: str
) -> None:
    project = render(
        template, tmp_path / "project", questions="everything", database_engine=engine, mode="sync"
    )
    printed = printed_by(BROKEN, project, suite_python)
    assert "ERROR at teardown of test_leaves_an_orphan" in printed
    assert "The test leaves rows that no commit would accept: " in printed
    assert "canary_child" in printed.partition("no commit would accept: ")[2].splitlines()[0]
    assert "2 passed, 1 error" in printed


BROKEN = """
from canaries.rows import ORPHAN
from sqlalchemy import event, text


def test_leaves_an_orphan(make_engine):
    engine = make_engine()
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda raw, record: raw.execute("PRAGMA foreign_keys = 1"))
    connection = engine.connect()
    connection.execute(text(ORPHAN))


def test_finds_nothing(make_engine):
    with make_engine().connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM canary_child")) == 0
"""


@pytest.mark.parametrize("engine", ["postgresql", "mysql"])
def test_who_commits_past_the_harness_is_told_and_the_next_finds_nothing(
    template: Path, suite_python: Path, tmp_path: Path, engine: str
) -> None:
    project = render(
        template, tmp_path / "project", questions="everything", database_engine=engine, mode="sync"
    )
    printed = printed_by(COMMITTED[engine], project, suite_python)
    told = "The test ended the transaction that it is to be rolled back with: "
    _, at_teardown, in_test = re.split("_ (?:ERROR at teardown of )?test_commits _", printed)
    assert told in at_teardown
    assert f"CommittedError: {told}" in in_test
    assert "1 failed, 1 passed, 1 error" in printed


FINDS_NOTHING = """

def test_finds_nothing(make_engine):
    with make_engine().connect() as connection:
        assert count(connection) == 0
"""
COMMITTED = {
    "postgresql": """
from canaries.rows import add, count


def test_commits(make_engine):
    with make_engine().connect() as connection:
        add(connection, "committed")
        raw = connection.connection.driver_connection
        raw.pgconn.exec_(b"COMMIT")
"""
    + FINDS_NOTHING,
    "mysql": """
from canaries.rows import add, count
from sqlalchemy import text


def test_commits(make_engine):
    with make_engine().connect() as connection:
        add(connection, "committed")
        connection.execute(text("SET @made = 'CREATE TABLE made_in_a_test (name TEXT)'"))
        connection.execute(text("PREPARE made FROM @made"))
        connection.execute(text("EXECUTE made"))
"""
    + FINDS_NOTHING,
}


@pytest.mark.parametrize("mode", ["async", "sync"])
def test_what_start_up_writes_is_there_for_every_test(
    template: Path, suite_python: Path, tmp_path: Path, mode: str
) -> None:
    project = render(template, tmp_path / "project", mode=mode, auth="none")
    main = project / "app" / "main.py"
    write, awaited = ("async with", "await ") if mode == "async" else ("with", "")
    main.write_text(
        main.read_text()
        .replace(
            "    yield\n",
            f"    {write} session_factory() as session:\n"
            '        session.add(Organisation(name="Founders"))\n'
            f"        {awaited}session.commit()\n"
            "    yield\n",
        )
        .replace(
            "from app.database import engine\n",
            "from app.database import engine, session_factory\n"
            "from app.models import Organisation\n",
        )
    )
    (project / "tests" / "test_founders.py").write_text(
        "import pytest\n\n\n"
        '@pytest.mark.parametrize("round_", [1, 2, 3])\n'
        f"{'async ' if mode == 'async' else ''}def test_founders(client, round_):\n"
        f'    response = {awaited}client.get("/organisations")\n'
        '    assert [item["name"] for item in response.json()["items"]] == ["Founders"]\n'
        f'    {awaited}client.post("/organisations", json={{"name": "Others"}})\n'
    )
    done = run(suite_python, "-m", "pytest", "-q", "tests/test_founders.py", cwd=project)
    assert "3 passed" in done.stdout


OWN = """
import pytest
from app.database import engine
from app.models import Organisation
from sqlalchemy import func, select
from sqlalchemy.orm import Session


@pytest.fixture
def session():
    # As SQLAlchemy's documentation has it.
    connection = engine.connect()
    transaction = connection.begin()
    session = Session(bind=connection, join_transaction_mode="create_savepoint")
    yield session
    session.close()
    transaction.rollback()
    connection.close()


@pytest.mark.parametrize("round_", [1, 2])
def test_own(session, round_):
    session.add(Organisation(name="Founders"))
    session.commit()
    assert session.scalar(select(func.count()).select_from(Organisation)) == 1
"""


def test_own_tests_may_roll_back_to_savepoints_of_their_own(
    template: Path, suite_python: Path, tmp_path: Path
) -> None:
    project = render(template, tmp_path / "project", mode="sync", auth="none")
    build_tree(project, {"own/test_own.py": OWN})
    done = run(
        suite_python, "-m", "pytest", "-q", "-p", "test_harness.plugin", "own", cwd=project,
        PYTHONPATH="tests", check=False,
    )  # fmt: skip
    assert "2 passed in" in done.stdout


def test_a_driver_that_tests_cannot_share_is_refused_by_name() -> None:
    dialect: Any = SimpleNamespace(name="mysql", driver="pyodbc", is_async=False)
    with pytest.raises(IsolationError, match=r"mysql\+pyodbc") as refused:
        connect(dialect, (), {})
    assert "pymysql, mysqldb, asyncmy, aiomysql" in refused.value.problem
    assert "test.env" in refused.value.fix
