"""Whichever way a test takes to another database, the lock stops it and says where it stood."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from xml.etree import ElementTree

import pytest

from tests.decoys import decoy_on
from tests.worlds import build_tree, render, run

pytestmark = pytest.mark.runs

# What test modules of the user try, all in one run of their suite. Each has a decoy of its own, for
# whose port PORT stands, and a file of its own in the project, for which FILE stands. A password is
# put together where it is used, so that it is not in the source that a traceback shows.
ATTEMPTS = {
    "engine_on_the_production_file": """
        from sqlalchemy import create_engine, text

        def test_attempt():
            with create_engine("sqlite:///FILE").begin() as connection:
                connection.execute(text("SELECT * FROM organisations"))
        """,
    "asynchronous_engine_on_the_production_file": """
        from sqlalchemy import text
        from sqlalchemy.ext.asyncio import create_async_engine

        async def test_attempt():
            engine = create_async_engine("sqlite+aiosqlite:///FILE")
            async with engine.begin() as connection:
                await connection.execute(text("SELECT * FROM organisations"))
        """,
    "engine_of_another_dialect": """
        from sqlalchemy import create_engine

        engine = create_engine("postgresql+psycopg://me:s3%set@127.0.0.1:PORT/orders" % "cr")

        def test_attempt():
            engine.connect()
        """,
    "engine_with_a_connection_string": """
        from types import SimpleNamespace
        from sqlalchemy import create_engine

        class Driver(SimpleNamespace):
            def __getattr__(self, name):
                return Exception

        engine = create_engine(
            "mssql+pyodbc://me:s3%set@127.0.0.1:PORT/orders?driver=any" % "cr",
            module=Driver(paramstyle="qmark", version="5.0.0", __file__=None),
        )

        def test_attempt():
            engine.connect()
        """,
    "engine_with_a_creator": """
        import sqlite3
        from sqlalchemy import create_engine

        engine = create_engine("sqlite://", creator=lambda: sqlite3.connect("FILE"))

        def test_attempt():
            engine.connect()
        """,
    "sqlite3_with_a_path": """
        import sqlite3

        def test_attempt():
            sqlite3.connect("FILE")
        """,
    "sqlite3_with_a_uri": """
        import sqlite3

        def test_attempt():
            sqlite3.connect("file:FILE?mode=rwc", uri=True)
        """,
    "sqlite3_in_a_thread": """
        import sqlite3
        from concurrent.futures import ThreadPoolExecutor

        def write(path):
            sqlite3.connect(path)

        def test_attempt():
            with ThreadPoolExecutor() as pool:
                pool.submit(write, "FILE").result()
        """,
    "sqlite3_in_the_temporary_folder": """
        import sqlite3

        def test_attempt(tmp_path):
            sqlite3.connect(tmp_path / "FILE").close()
        """,
    "sqlite3_in_memory": """
        import sqlite3

        def test_attempt():
            sqlite3.connect(":memory:").close()
        """,
    "aiosqlite": """
        import aiosqlite

        async def test_attempt():
            await aiosqlite.connect("FILE")
        """,
    "psycopg": """
        import psycopg

        def test_attempt():
            psycopg.connect("postgresql://me:s3%set@127.0.0.1:PORT/orders" % "cr")
        """,
    "psycopg_by_name": """
        from psycopg import connect

        def test_attempt():
            connect("postgresql://me:s3%set@127.0.0.1:PORT/orders" % "cr")
        """,
    "psycopg_asynchronous": """
        from psycopg import AsyncConnection

        async def test_attempt():
            await AsyncConnection.connect("postgresql://me:s3%set@127.0.0.1:PORT/orders" % "cr")
        """,
    "psycopg_while_it_is_collected": """
        import psycopg

        psycopg.connect(host="127.0.0.1", port=PORT, user="me", dbname="orders")

        def test_attempt():
            pass
        """,
    "psycopg2": """
        import psycopg2

        def test_attempt():
            psycopg2.connect("postgresql://me:s3%set@127.0.0.1:PORT/orders" % "cr")
        """,
    "psycopg2_by_name": """
        from psycopg2 import connect

        def test_attempt():
            password = "s3%set" % "cr"
            connect(host="127.0.0.1", port=PORT, user="me", password=password, dbname="orders")
        """,
    "psycopg2_while_it_is_collected": """
        import psycopg2

        psycopg2.connect(host="127.0.0.1", port=PORT, user="me", dbname="orders")

        def test_attempt():
            pass
        """,
    "asyncpg": """
        import asyncpg

        async def test_attempt():
            await asyncpg.connect("postgresql://me:s3%set@127.0.0.1:PORT/orders" % "cr")
        """,
    "asyncpg_pool": """
        from asyncpg import create_pool

        async def test_attempt():
            await create_pool("postgresql://me:s3%set@127.0.0.1:PORT/orders" % "cr")
        """,
    "asyncpg_on_a_known_port": """
        import asyncpg

        async def test_attempt():
            await asyncpg.connect(host="127.0.0.1", port=PORT, user="me", database="orders")
        """,
    "socket_on_a_known_port": """
        import socket

        def test_attempt():
            socket.create_connection(("127.0.0.1", PORT))
        """,
}

# Ports of `DATABASE_PORTS` in harness/lock.py that are rarely taken.
KNOWN_PORTS = {"asyncpg_on_a_known_port": (1433, 3306), "socket_on_a_known_port": (1521, 3306)}

MEANWHILE = "; the test database is sqlite, a temporary file."
DIRECT_FIX = (
    "Fix: Go through SQLAlchemy, which the harness leads to the test database, or replace the call "
    "in the test."
)
ENGINE_FIX = "Fix: Point it at the test database's engine in test.env, or override it in the test."


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended.

    Args:
        status: `passed`, `failure`, or `error`, which is one while tests are collected.
        text: What pytest printed about it.
        port: Of its decoy.
        connections: What the decoy counted.
        made_a_file: Whether its file came into being.
    """

    status: str
    text: str
    port: int
    connections: int
    made_a_file: bool

    @property
    def message(self) -> list[str]:
        """The lock's message: the problem, and the fix."""
        lines = [line.removeprefix("E").lstrip() for line in self.text.splitlines()]
        start = "harness.errors.DatabaseLockedError: "
        found = next(number for number, line in enumerate(lines) if line.startswith(start))
        return [lines[found].removeprefix(start), lines[found + 1]]


@pytest.fixture(scope="module")
def outcomes(
    template: Path, suite_python: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Outcome]]:
    folder = tmp_path_factory.mktemp("lock")
    project = render(template, folder / "project", auth="none")
    with ExitStack() as stack:
        decoys = {
            name: stack.enter_context(decoy_on(*KNOWN_PORTS.get(name, (0,)))) for name in ATTEMPTS
        }
        for name, code in ATTEMPTS.items():
            filled = code.replace("PORT", str(decoys[name].port)).replace("FILE", f"{name}.db")
            build_tree(project, {module(name): dedent(filled).lstrip()})
        run(
            suite_python, "-m", "pytest", "--continue-on-collection-errors",
            "--junit-xml=../results", *map(module, ATTEMPTS), cwd=project, check=False,
        )  # fmt: skip
        reports = {
            (case.get("classname") or case.get("name") or "").rpartition("test_")[2]: case
            for case in ElementTree.parse(folder / "results").iter("testcase")
        }
        yield {
            name: Outcome(
                status=next((child.tag for child in reports[name]), "passed"),
                text="\n".join(child.text or "" for child in reports[name]),
                port=decoy.port,
                connections=decoy.connections(),
                made_a_file=(project / f"{name}.db").exists(),
            )
            for name, decoy in decoys.items()
        }


def module(name: str) -> str:
    return f"tests/unit/test_{name}.py"


@pytest.mark.parametrize("name", ATTEMPTS)
def test_no_attempt_reaches_anything(outcomes: dict[str, Outcome], name: str) -> None:
    assert (outcomes[name].connections, outcomes[name].made_a_file) == (0, False)


@pytest.mark.parametrize(
    "name",
    [
        "engine_on_the_production_file",
        "asynchronous_engine_on_the_production_file",
        "sqlite3_in_the_temporary_folder",
        "sqlite3_in_memory",
    ],
)
def test_what_ends_in_the_test_database_or_is_nobody_s_data_goes_through(
    outcomes: dict[str, Outcome], name: str
) -> None:
    assert outcomes[name].status == "passed"


@pytest.mark.parametrize(
    ("name", "line", "target"),
    [
        (
            "engine_of_another_dialect",
            6,
            "postgresql database (postgresql://me@127.0.0.1:PORT/orders)",
        ),
        ("engine_with_a_connection_string", 14, "mssql database (mssql://)"),
    ],
)
def test_an_engine_of_another_dialect_is_refused(
    outcomes: dict[str, Outcome], name: str, line: int, target: str
) -> None:
    outcome = outcomes[name]
    assert outcome.message == [
        f"{module(name)}:{line} tried to reach a {target.replace('PORT', str(outcome.port))}, "
        "which is not the test database (sqlite, a temporary file).",
        ENGINE_FIX,
    ]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("engine_with_a_creator", 4),
        ("sqlite3_with_a_path", 4),
        ("sqlite3_with_a_uri", 4),
        ("sqlite3_in_a_thread", 5),
        ("aiosqlite", 4),
    ],
)
def test_a_sqlite_file_in_the_project_is_refused(
    outcomes: dict[str, Outcome], name: str, line: int
) -> None:
    assert outcomes[name].message == [
        f"{module(name)}:{line} tried to open the SQLite file {name}.db directly{MEANWHILE}",
        DIRECT_FIX,
    ]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("psycopg", 4),
        ("psycopg_by_name", 4),
        ("psycopg_asynchronous", 4),
        ("psycopg_while_it_is_collected", 3),
        ("psycopg2", 4),
        ("psycopg2_by_name", 5),
        ("psycopg2_while_it_is_collected", 3),
        ("asyncpg", 4),
        ("asyncpg_pool", 4),
        ("asyncpg_on_a_known_port", 4),
    ],
)
def test_a_driver_of_postgresql_is_refused(
    outcomes: dict[str, Outcome], name: str, line: int
) -> None:
    outcome = outcomes[name]
    assert outcome.message == [
        f"{module(name)}:{line} tried to open the PostgreSQL database "
        f"postgresql://me@127.0.0.1:{outcome.port}/orders directly{MEANWHILE}",
        DIRECT_FIX,
    ]


def test_a_socket_to_the_port_of_a_database_server_is_refused(
    outcomes: dict[str, Outcome],
) -> None:
    outcome = outcomes["socket_on_a_known_port"]
    assert outcome.message == [
        f"{module('socket_on_a_known_port')}:4 tried to open a database server at "
        f"127.0.0.1:{outcome.port} directly{MEANWHILE}",
        DIRECT_FIX,
    ]


@pytest.mark.parametrize("name", ["engine_of_another_dialect", "engine_with_a_connection_string"])
def test_the_password_of_a_refused_engine_is_in_no_report(
    outcomes: dict[str, Outcome], name: str
) -> None:
    assert "s3cret" not in outcomes[name].text


def test_the_decoy_counts(tmp_path: Path, suite_python: Path) -> None:
    with decoy_on(0) as decoy:
        url = f"postgresql://me@127.0.0.1:{decoy.port}/orders?gssencmode=disable&sslmode=disable"
        run(
            suite_python,
            "-c",
            f"import psycopg2; psycopg2.connect('{url}')",
            cwd=tmp_path,
            check=False,
        )
        assert decoy.connections() == 1
