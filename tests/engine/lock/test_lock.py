"""Whichever way a test takes to another database, the lock stops it and says where it stood."""

from __future__ import annotations

import re
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
            class Error(Exception):
                pass

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

        def test_attempt():
            engine = create_engine("sqlite://", creator=lambda: sqlite3.connect("FILE"))
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
    "socket_of_the_file_system": """
        import socket

        def test_attempt(tmp_path):
            with socket.socket(socket.AF_UNIX) as attempt:
                attempt.connect("/tmp/.s.PGSQL.PORT")
        """,
    "pymysql": """
        import pymysql

        def test_attempt():
            password = "s3%set" % "cr"
            pymysql.connect(
                host="127.0.0.1", port=PORT, user="me", password=password, database="orders"
            )
        """,
    "pymysql_on_a_socket": """
        import pymysql

        def test_attempt():
            pymysql.connect(unix_socket="/tmp/any.sock", user="me", database="orders")
        """,
    "aiomysql": """
        import aiomysql

        async def test_attempt():
            await aiomysql.connect(host="127.0.0.1", port=PORT, user="me", db="orders")
        """,
    "aiomysql_pool": """
        from aiomysql import create_pool

        async def test_attempt():
            await create_pool(host="127.0.0.1", port=PORT, user="me", db="orders")
        """,
    "asyncmy": """
        import asyncmy

        async def test_attempt():
            await asyncmy.connect(host="127.0.0.1", port=PORT, user="me", db="orders")
        """,
    "asyncmy_by_name": """
        from asyncmy.connection import connect

        async def test_attempt():
            await connect(host="127.0.0.1", port=PORT, user="me", db="orders")
        """,
    "attach_in_memory": """
        import sqlite3

        def test_attempt():
            connection = sqlite3.connect(":memory:")
            try:
                connection.execute("ATTACH DATABASE 'FILE' AS production")
            finally:
                connection.close()
        """,
    "attach_on_the_shared_connection": """
        from sqlalchemy import text

        async def test_attempt(db):
            await db.execute(text("ATTACH DATABASE 'file:FILE?mode=rwc' AS production"))
        """,
    "attach_on_a_synchronous_engine": """
        from sqlalchemy import create_engine

        def test_attempt(database):
            with create_engine("sqlite://").connect() as connection:
                connection.exec_driver_sql("/* all */ ATTACH 'FILE' AS production")
        """,
    "attach_with_real_commits": """
        import pytest
        from sqlalchemy import text

        @pytest.mark.real_commits
        async def test_attempt(db):
            await db.execute(text("ATTACH DATABASE 'FILE' AS production"))
        """,
    "attach_by_a_parameter": """
        import sqlite3

        def test_attempt():
            connection = sqlite3.connect(":memory:")
            try:
                connection.execute("ATTACH DATABASE ? AS production", ("FILE",))
            finally:
                connection.close()
        """,
    "vacuum_into": """
        import sqlite3

        def test_attempt():
            connection = sqlite3.connect(":memory:")
            try:
                connection.execute("VACUUM INTO 'FILE'")
            finally:
                connection.close()
        """,
    "attach_what_is_nobody_s_data": """
        import sqlite3

        def test_attempt(tmp_path):
            connection = sqlite3.connect(":memory:")
            connection.execute("ATTACH DATABASE ':memory:' AS other")
            connection.execute(f"ATTACH DATABASE '{tmp_path / 'FILE'}' AS scratch")
            connection.execute("VACUUM")
            connection.close()
        """,
    "subprocess_with_sqlite3": """
        from children import run_python

        def test_attempt():
            run_python("import sqlite3; sqlite3.connect('FILE')")
        """,
    "subprocess_that_attaches": """
        from children import run_python

        def test_attempt():
            run_python(
                "import sqlite3; sqlite3.connect(':memory:').execute(\\"ATTACH 'FILE' AS x\\")"
            )
        """,
    "subprocess_with_psycopg": """
        from children import run_python

        def test_attempt():
            run_python("import psycopg; psycopg.connect('host=127.0.0.1 port=PORT user=me')")
        """,
    "subprocess_with_psycopg2": """
        from children import run_python

        def test_attempt():
            run_python(
                "from sqlalchemy import create_engine\\n"
                "create_engine('postgresql+psycopg2://me@127.0.0.1:PORT/orders').connect()"
            )
        """,
    "subprocess_with_asyncpg": """
        from children import run_python

        def test_attempt():
            run_python(
                "import asyncio, asyncpg\\n"
                "asyncio.run(asyncpg.connect(host='127.0.0.1', port=PORT, user='me'))"
            )
        """,
    "subprocess_with_pymysql": """
        from children import run_python

        def test_attempt():
            run_python("import pymysql; pymysql.connect(host='127.0.0.1', port=PORT, user='me')")
        """,
    "subprocess_with_a_socket": """
        from children import run_python

        def test_attempt():
            run_python("import socket; socket.create_connection(('127.0.0.1', 5432))")
        """,
    "subprocess_of_a_subprocess": """
        from children import run_python

        def test_attempt():
            run_python(
                "import subprocess, sys\\n"
                "code = \\"import sqlite3; sqlite3.connect('FILE')\\"\\n"
                "subprocess.run([sys.executable, '-c', code], check=True)"
            )
        """,
    "subprocess_that_migrates": """
        import os

        from children import run_python

        def test_attempt():
            run_python(
                "from alembic.config import main; main(['upgrade', 'head'])",
                DATABASE_URL="sqlite+aiosqlite:///FILE",
            )
        """,
    "process_of_multiprocessing": """
        from multiprocessing import get_context

        import psycopg

        def connect():
            psycopg.connect("host=127.0.0.1 port=PORT user=me")

        def test_attempt():
            process = get_context("spawn").Process(target=connect)
            process.start()
            process.join()
            assert process.exitcode == 1
        """,
    "subprocess_with_what_is_nobody_s_data": """
        from children import run_python

        def test_attempt(tmp_path):
            run_python(
                "import sqlite3\\n"
                "sqlite3.connect(':memory:').execute('SELECT 1')\\n"
                f"sqlite3.connect({str(tmp_path / 'FILE')!r}).execute('SELECT 1')"
            )
        """,
    "subprocess_with_a_sitecustomize_of_its_own": """
        import os
        from pathlib import Path

        from children import run_python

        def test_attempt(tmp_path):
            Path(tmp_path, "sitecustomize.py").write_text("mine = True")
            paths = os.pathsep.join([os.environ["PYTHONPATH"], str(tmp_path)])
            run_python("import sitecustomize; assert sitecustomize.mine", PYTHONPATH=paths)
        """,
    "subprocess_with_another_package_called_harness": """
        import os
        from pathlib import Path

        from children import run_python

        def test_attempt(tmp_path):
            Path(tmp_path, "harness.py").write_text("mine = True")
            paths = os.pathsep.join([os.environ["PYTHONPATH"], str(tmp_path)])
            run_python("import pytest, harness; assert harness.mine", PYTHONPATH=paths)
        """,
    "program_by_subprocess": """
        import subprocess

        def test_attempt():
            subprocess.run(["psql", "host=127.0.0.1 port=PORT user=me"])
        """,
    "program_in_a_shell": """
        import subprocess

        def test_attempt():
            subprocess.run("PGPORT=PORT pg_dump -h 127.0.0.1 orders | gzip", shell=True)
        """,
    "program_by_system": """
        import os

        def test_attempt():
            os.system("cd /tmp; mysql -h 127.0.0.1 -P PORT -e 'DROP DATABASE orders'")
        """,
    "program_by_posix_spawn": """
        import os

        def test_attempt():
            os.posix_spawnp("psql", ["psql", "host=127.0.0.1 port=PORT"], dict(os.environ))
        """,
    "program_by_asyncio": """
        import asyncio

        async def test_attempt():
            await asyncio.create_subprocess_exec("psql", "host=127.0.0.1 port=PORT user=me")
        """,
    "program_in_a_shell_by_asyncio": """
        import asyncio

        async def test_attempt():
            await asyncio.create_subprocess_shell("psql 'host=127.0.0.1 port=PORT user=me'")
        """,
    "program_for_a_file": """
        import subprocess

        def test_attempt():
            subprocess.run(["sqlite3", "FILE", "CREATE TABLE orders (id)"])
        """,
    "program_of_a_subprocess": """
        from children import run_python

        def test_attempt():
            run_python("import os; os.system('psql \\"host=127.0.0.1 port=PORT\\"')")
        """,
    "subprocess_with_an_environment_of_its_own": """
        import subprocess
        import sys

        def test_attempt():
            code = "import sqlite3; sqlite3.connect('FILE')"
            done = subprocess.run(
                [sys.executable, "-c", code], env={}, stderr=subprocess.PIPE, text=True
            )
            assert done.returncode == 0, done.stderr
        """,
    "subprocess_that_is_isolated": """
        import subprocess
        import sys

        def test_attempt():
            code = "import sqlite3; sqlite3.connect('FILE')"
            done = subprocess.run(
                [sys.executable, "-I", "-c", code], stderr=subprocess.PIPE, text=True
            )
            assert done.returncode == 0, done.stderr
        """,
    "subprocess_without_site": """
        import subprocess
        import sys

        def test_attempt(tmp_path):
            (tmp_path / "script.py").write_text("import sqlite3; sqlite3.connect('FILE')")
            done = subprocess.run(
                [sys.executable, "-ES", tmp_path / "script.py"], stderr=subprocess.PIPE, text=True
            )
            assert done.returncode == 0, done.stderr
        """,
    "spawned_with_an_environment_of_its_own": """
        import os
        import sys

        def test_attempt(tmp_path):
            code = "import sqlite3; sqlite3.connect('FILE')"
            pid = os.posix_spawn(sys.executable, [sys.executable, "-c", code], {})
            assert os.waitpid(pid, 0)[1] != 0
        """,
    "another_library_of_sqlite": """
        from apsw import Connection

        def test_attempt():
            Connection("FILE")
        """,
    "a_c_library": """
        import ctypes

        def test_attempt():
            ctypes.CDLL(None).sqlite3_open(b"FILE", ctypes.byref(ctypes.c_void_p()))
        """,
    "programs_that_are_nobody_s_data": """
        import asyncio
        import os
        import subprocess
        import sys

        async def test_attempt(tmp_path):
            for command in (
                [sys.executable, "-I", "-c", "import sys; assert sys.flags.isolated"],
                [sys.executable, "-I", "-c", "import sys; assert sys.argv == ['-c', 'a']", "a"],
                [sys.executable, "-E", "-c", "import sys; assert sys.path[0] == ''"],
                [sys.executable, "-X", "utf8", "-I", "-m", "this"],
                [sys.executable, "-IV"],
                ["git", "--version"],
                ["echo", "psql"],
            ):
                assert subprocess.run(command, env={}).returncode == 0, command
            assert os.system("echo mysql; echo a | grep a") == 0
            started = await asyncio.create_subprocess_shell("echo 'psql -h prod'")
            assert await started.wait() == 0
            with os.popen("echo psql") as printed:
                assert printed.read() == "psql\\n"
        """,
    "a_client_for_what_is_nobody_s_data": """
        import shutil
        import subprocess

        def test_attempt(tmp_path):
            for client in ("psql", "mysql", "sqlite3"):
                if shutil.which(client):
                    assert subprocess.run([client, "--version"]).returncode == 0
            if shutil.which("sqlite3"):
                file = tmp_path / "FILE"
                subprocess.run(["sqlite3", file, "CREATE TABLE orders (id)"], check=True)
                assert file.exists()
        """,
    "names_from_before": """
        import pytest

        import early

        async def test_attempt():
            with pytest.raises(Exception, match="tried to open the PostgreSQL database"):
                early.psycopg("host=127.0.0.1 port=PORT user=me")
            with pytest.raises(Exception, match="tried to open the PostgreSQL database"):
                early.psycopg2("host=127.0.0.1 port=PORT user=me")
            with pytest.raises(Exception, match="tried to open the PostgreSQL database"):
                await early.asyncpg(host="127.0.0.1", port=PORT, user="me")
            with pytest.raises(Exception, match="tried to open the MySQL database"):
                await early.aiomysql(host="127.0.0.1", port=PORT, user="me")
            with pytest.raises(Exception, match="tried to open the MySQL database"):
                early.pymysql(host="127.0.0.1", port=PORT, user="me")
            with pytest.raises(Exception, match="tried to open the SQLite file"):
                early.sqlite3("FILE")
        """,
}

# Loaded by pytest before the harness, as a plugin may be that imports drivers.
EARLY = """
from aiomysql import connect as aiomysql
from asyncpg import connect as asyncpg
from psycopg import connect as psycopg
from psycopg2 import connect as psycopg2
from pymysql import connect as pymysql
from sqlite3 import connect as sqlite3
"""

# As apsw has it: a connection is a class of its own.
APSW = """
import sqlite3


class Connection:
    def __init__(self, filename):
        open(filename, "w").close()

    def set_authorizer(self, authorizer):
        pass
"""

CHILDREN = """
import os
import subprocess
import sys


def run_python(code, **variables):
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **variables},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert done.returncode == 0, done.stderr
"""

# Ports of `DATABASE_PORTS` in harness/lock.py that are rarely taken.
KNOWN_PORTS = {"asyncpg_on_a_known_port": (1433, 3306), "socket_on_a_known_port": (1521, 3306)}

MEANWHILE = "; the test database is sqlite, a temporary file."
DIRECT_FIX = (
    "Fix: Go through SQLAlchemy, which the harness leads to the test database, or replace the call "
    "in the test."
)
SUBPROCESS_FIX = (
    "Fix: Call it in the test's own process, where SQLAlchemy is led to the test database; or, if "
    "it may reach what it names, start it with TEST_HARNESS_LOCK=off in its environment."
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
        start = "test_harness.errors.DatabaseLockedError: "
        starts = [number for number, line in enumerate(lines) if line.startswith(start)]
        assert starts, self.text
        found = starts[0]
        return [lines[found].removeprefix(start), lines[found + 1]]


@pytest.fixture(scope="module")
def outcomes(
    template: Path, suite_python: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Outcome]]:
    folder = tmp_path_factory.mktemp("lock")
    project = render(template, folder / "project", auth="none")
    build_tree(project, {"early.py": EARLY, "tests/children.py": CHILDREN, "apsw.py": APSW})
    with ExitStack() as stack:
        decoys = {
            name: stack.enter_context(decoy_on(*KNOWN_PORTS.get(name, (0,)))) for name in ATTEMPTS
        }
        for name, code in ATTEMPTS.items():
            filled = code.replace("PORT", str(decoys[name].port)).replace("FILE", f"{name}.db")
            build_tree(project, {module(name): dedent(filled).lstrip()})
        run(
            suite_python, "-m", "pytest", "-p", "early", "--continue-on-collection-errors",
            # Who is refused while connecting leaves the socket to be closed as garbage.
            "-W", "ignore::pytest.PytestUnraisableExceptionWarning",
            "--junit-xml=../results", *map(module, ATTEMPTS), cwd=project, check=False,
            PYTHONPATH=str(project),
        )  # fmt: skip
        reports = {
            (case.get("classname") or case.get("name") or "").rpartition("test_")[2]: [
                child for child in case if child.tag != "properties"
            ]
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
        "attach_what_is_nobody_s_data",
        "subprocess_with_what_is_nobody_s_data",
        "subprocess_with_a_sitecustomize_of_its_own",
        "subprocess_with_another_package_called_harness",
        "spawned_with_an_environment_of_its_own",
        "programs_that_are_nobody_s_data",
        "a_client_for_what_is_nobody_s_data",
    ],
)
def test_what_ends_in_the_test_database_or_is_nobody_s_data_goes_through(
    outcomes: dict[str, Outcome], name: str
) -> None:
    assert outcomes[name].status == "passed", outcomes[name].text


@pytest.mark.parametrize(
    ("name", "line", "target"),
    [
        (
            "engine_of_another_dialect",
            6,
            "postgresql database (postgresql://me@127.0.0.1:PORT/orders)",
        ),
        ("engine_with_a_connection_string", 17, "mssql database (mssql://)"),
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
        ("engine_with_a_creator", 5),
        ("sqlite3_with_a_path", 4),
        ("sqlite3_with_a_uri", 4),
        ("sqlite3_in_a_thread", 5),
        ("aiosqlite", 4),
        ("attach_in_memory", 6),
        ("attach_on_a_synchronous_engine", 5),
        ("vacuum_into", 6),
        ("program_for_a_file", 4),
        ("another_library_of_sqlite", 4),
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


@pytest.mark.parametrize("name", ["attach_on_the_shared_connection", "attach_with_real_commits"])
def test_a_file_that_is_attached_in_a_thread_of_the_driver_is_refused(
    outcomes: dict[str, Outcome], name: str
) -> None:
    assert outcomes[name].message == [
        f"{module(name)}::test_attempt tried to open the SQLite file {name}.db directly{MEANWHILE}",
        DIRECT_FIX,
    ]


def test_a_file_whose_name_cannot_be_seen_is_not_attached(outcomes: dict[str, Outcome]) -> None:
    assert outcomes["attach_by_a_parameter"].message == [
        f"{module('attach_by_a_parameter')}:6 tried to open a SQLite file whose name is not "
        f"written in the statement directly{MEANWHILE}",
        DIRECT_FIX,
    ]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("pymysql", 5),
        ("aiomysql", 4),
        ("aiomysql_pool", 4),
        ("asyncmy", 4),
        ("asyncmy_by_name", 4),
    ],
)
def test_a_driver_of_mysql_is_refused(outcomes: dict[str, Outcome], name: str, line: int) -> None:
    outcome = outcomes[name]
    assert outcome.message == [
        f"{module(name)}:{line} tried to open the MySQL database "
        f"mysql://me@127.0.0.1:{outcome.port}/orders directly{MEANWHILE}",
        DIRECT_FIX,
    ]


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("subprocess_with_sqlite3", "SQLite file FILE"),
        ("subprocess_with_an_environment_of_its_own", "SQLite file FILE"),
        ("subprocess_that_is_isolated", "SQLite file FILE"),
        ("subprocess_of_a_subprocess", "SQLite file FILE"),
        ("subprocess_that_attaches", "SQLite file FILE"),
        ("subprocess_with_psycopg", "PostgreSQL database postgresql://me@127.0.0.1:PORT"),
        ("subprocess_with_psycopg2", "PostgreSQL database postgresql://me@127.0.0.1:PORT/orders"),
        ("subprocess_with_asyncpg", "PostgreSQL database postgresql://me@127.0.0.1:PORT"),
        ("subprocess_with_pymysql", "MySQL database mysql://me@127.0.0.1:PORT"),
    ],
)
def test_a_subprocess_is_refused(outcomes: dict[str, Outcome], name: str, target: str) -> None:
    outcome = outcomes[name]
    shown = target.replace("FILE", f"{name}.db").replace("PORT", str(outcome.port))
    assert (
        f"{module(name)}::test_attempt tried to open the {shown} in a subprocess of the tests."
    ) in outcome.text
    assert SUBPROCESS_FIX in outcome.text


def test_a_script_without_site_is_refused_by_its_line(outcomes: dict[str, Outcome]) -> None:
    assert re.search(
        r"script.py:1 tried to open the SQLite file subprocess_without_site.db in a subprocess",
        outcomes["subprocess_without_site"].text,
    )


@pytest.mark.parametrize(
    ("name", "line", "target"),
    [
        ("program_by_subprocess", 4, "a PostgreSQL database by psql"),
        ("program_in_a_shell", 4, "a PostgreSQL database by pg_dump"),
        ("program_by_system", 4, "a MySQL database by mysql"),
        ("program_by_posix_spawn", 4, "a PostgreSQL database by psql"),
        ("program_by_asyncio", 4, "a PostgreSQL database by psql"),
        ("program_in_a_shell_by_asyncio", 4, "a PostgreSQL database by psql"),
        ("a_c_library", 4, "a database by ctypes (sqlite3_open)"),
    ],
)
def test_a_program_is_refused(
    outcomes: dict[str, Outcome], name: str, line: int, target: str
) -> None:
    assert outcomes[name].message == [
        f"{module(name)}:{line} tried to open {target} directly{MEANWHILE}",
        DIRECT_FIX,
    ]


def test_a_program_that_a_subprocess_starts_is_refused(outcomes: dict[str, Outcome]) -> None:
    assert "test_attempt tried to open a PostgreSQL database by psql in a subprocess" in (
        outcomes["program_of_a_subprocess"].text
    )


def test_a_subprocess_is_refused_by_the_port(outcomes: dict[str, Outcome]) -> None:
    assert (
        "tried to open a database server at 127.0.0.1:5432 in a subprocess of the tests."
    ) in outcomes["subprocess_with_a_socket"].text


def test_migrations_in_a_subprocess_are_refused_where_they_connect(
    outcomes: dict[str, Outcome],
) -> None:
    found = re.search(
        r"migrations/env.py:\d+ tried to open the SQLite file \S+/subprocess_that_migrates.db in a "
        "subprocess of the tests.",
        outcomes["subprocess_that_migrates"].text,
    )
    assert found, outcomes["subprocess_that_migrates"].text


def test_what_was_imported_by_name_before_the_harness_is_refused(
    outcomes: dict[str, Outcome],
) -> None:
    assert outcomes["names_from_before"].status == "passed", outcomes["names_from_before"].text


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


def test_a_subprocess_that_may_reaches_what_it_names(
    template: Path, suite_python: Path, tmp_path: Path
) -> None:
    project = render(template, tmp_path / "project", auth="none")
    test = """
        import os
        import subprocess
        import sys

        CODE = "import pymysql; pymysql.connect(host='127.0.0.1', port=PORT, user='me')"

        def test_let_go():
            free = {**os.environ, "TEST_HARNESS_LOCK": "off"}
            subprocess.run([sys.executable, "-c", CODE], env=free)
        """
    with decoy_on(0) as decoy:
        code = dedent(test).replace("PORT", str(decoy.port))
        build_tree(project, {"tests/test_it.py": code})
        run(suite_python, "-m", "pytest", "-q", "tests/test_it.py", cwd=project)
        assert decoy.connections() == 1


def test_workers_are_locked_reach_the_test_database_and_are_measured(
    template: Path, suite_python: Path, tmp_path: Path
) -> None:
    project = render(template, tmp_path / "project", auth="none")
    test = """
        import sqlite3

        import pytest
        from sqlalchemy import text

        @pytest.mark.parametrize("round_", [1, 2])
        async def test_both(db, round_):
            assert await db.scalar(text("SELECT count(*) FROM items")) == 0
            with pytest.raises(Exception, match="directly; the test database is sqlite"):
                sqlite3.connect("production.db")
        """
    build_tree(project, {"tests/test_it.py": dedent(test)})
    done = run(
        suite_python, "-m", "pytest", "-q", "-n2", "--cov=app", "tests/test_it.py", cwd=project
    )
    assert "2 passed" in done.stdout
    assert not (project / "production.db").exists()


def test_an_engine_that_is_connected_before_the_harness_is_refused(
    template: Path, suite_python: Path, tmp_path: Path
) -> None:
    project = render(template, tmp_path / "project", auth="none")
    early = """
        from sqlalchemy import create_engine

        engine = create_engine("sqlite://")
        engine.connect().close()
        """
    build_tree(project, {"early.py": dedent(early)})
    done = run(
        suite_python, "-m", "pytest", "-p", "early", cwd=project, check=False,
        PYTHONPATH=str(project),
    )  # fmt: skip
    assert done.returncode == 4
    assert done.stdout == (
        "ERROR: An engine has been connected to sqlite:// since before the harness was "
        "loaded.\n"
        "  Fix: Connect in the application or in a fixture, not in a plugin of pytest or in what "
        "is imported before tests/conftest.py.\n"
        "\n"
    )


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
