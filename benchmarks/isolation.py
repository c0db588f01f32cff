"""P1, P2, P3 and P10: what a test costs on top of its own statements, and what it costs elsewhere.

Every suite repeats one test: insert a user, commit, select, expect exactly one. Runs of different
suites take turns, so that a ratio compares neighbours in time, and start-up is left out: what
counts is the median duration of a test, setup to teardown, as `peers/clock.py` sees it.

PostgreSQL is looked for where libpq would: PGHOST, PGPORT, PGUSER, PGPASSWORD; MariaDB at
MYSQL_HOST and MYSQL_TCP_PORT, as root with MYSQL_PWD. Both have to be there, and to let that role
create databases.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pymysql
from psycopg import sql
from rich.console import Console
from sqlalchemy.engine import URL

from benchmarks import CORES, DISK, LOOPBACK, Plot, Row, at_least, at_most, ratios
from benchmarks.application import render_around
from tests.worlds import clone_template, run
from tools.demo import BUILD, make_room
from tools.environments import suite_environment

ROWS = ["P1", "P2", "P3", "P10"]
RUNS = 5
GOAL_SCALING = 1.05
MANY_TESTS = 5000
# How many tables there are, and how many tests that make all of them anew.
TABLES = {10: 100, 60: 30}

PEERS = Path(__file__).resolve().parent / "peers"
FOLDER = BUILD / "benchmarks" / "isolation"
DATABASE = f"benchmark_{os.getpid()}"

# Beside the environment of rendered suites, which the suites without isolation share.
PACKAGES_OF_PEERS = [
    "asyncpg",
    "django",
    "fastapi",
    "psycopg[binary]",
    "pytest",
    "pytest-asyncio",
    "pytest-django",
    "pytest-postgresql",
    "pytest-sqla",
    "sqlalchemy[asyncio]",
]
SESSION_LOOP = """\
asyncio_mode = auto
asyncio_default_fixture_loop_scope = session
asyncio_default_test_loop_scope = session
"""
LOOP_PER_TEST = """\
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
"""
NO_LOOP = "addopts = -p no:asyncio\n"
DJANGO = NO_LOOP + "DJANGO_SETTINGS_MODULE = settings\n"


@dataclass(frozen=True)
class Driver:
    """One way an application talks to its database."""

    engine: str
    driver: str
    mode: str

    @property
    def name(self) -> str:
        """What the driver is called in rows and on disk."""
        return f"{self.driver}-async" if self == PSYCOPG_ASYNC else self.driver


PYSQLITE = Driver("sqlite", "pysqlite", "sync")
AIOSQLITE = Driver("sqlite", "aiosqlite", "async")
PSYCOPG = Driver("postgresql", "psycopg", "sync")
PSYCOPG_ASYNC = Driver("postgresql", "psycopg", "async")
ASYNCPG = Driver("postgresql", "asyncpg", "async")
PYMYSQL = Driver("mysql", "pymysql", "sync")
ASYNCMY = Driver("mysql", "asyncmy", "async")
AIOMYSQL = Driver("mysql", "aiomysql", "async")


@dataclass(frozen=True)
class Suite:
    """A suite to run.

    Args:
        kind: `harness`, or a folder of `peers`.
        driver: What its sessions go through.
        tests: How often it repeats the test.
        tables: How many tables the schema has.
        marker: What each test is marked with, if anything.
    """

    kind: str
    driver: Driver
    tests: int = 250
    tables: int = 10
    marker: str = ""

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return FOLDER / f"{self.kind}-{self.driver.name}"

    @property
    def file(self) -> Path:
        """Its tests."""
        return self.folder / "tests" / f"test_{self.marker}{self.tests}.py"

    @property
    def depends(self) -> tuple[str, ...]:
        """What its durations depend on besides the code."""
        if self.driver.engine == "sqlite":
            return (CORES, DISK) if self.marker else (CORES,)
        # PostgreSQL is told for the suites without isolation that no commit waits.
        waits = self.marker or self.kind in {"truncate", "pytest_postgresql"}
        waits = waits or (self.driver.engine == "mysql" and self.kind.startswith("plain"))
        return (CORES, DISK, LOOPBACK) if waits else (CORES, LOOPBACK)

    @property
    def python(self) -> Path:
        """The interpreter it needs."""
        ours = self.kind in {"harness", "plain_sync", "plain_async"}
        return FOLDER / ("environment" if ours else "environment-of-peers") / "bin" / "python"

    def write(self, template: Path) -> None:
        """Lay it out on disk."""
        if not self.folder.exists():
            if self.kind == "harness":
                self._render(template)
            else:
                self._copy()
        body = PEERS / self.kind / "body.py"
        if not body.exists():
            body = PEERS / f"body_{self.driver.mode}.py"
        text = repeated(body.read_text(encoding="utf-8"), self.tests, self.kind.startswith("plain"))
        if self.marker:
            text += f"\n\npytestmark = __import__('pytest').mark.{self.marker}\n"
        # Where teams have them: pytest asks each folder on the way to a test for markers and more.
        self.file.parent.mkdir(exist_ok=True)
        self.file.write_text(text, encoding="utf-8")

    def run(self) -> float:
        """Run it and return the median duration of a test, in microseconds.

        What looks at tests while they run is off: it is measured in `watch.py`.
        """
        clock = self.folder / "clock.json"
        with database_for(self) as address:
            run(
                self.python, "-m", "pytest", "-q", "-p", "clock", "-p", "no:cacheprovider",
                # The first test makes the tables of suites without isolation.
                "-p", "no:randomly", self.file,
                cwd=self.folder,
                CLOCK_FILE=str(clock),
                DATABASE_URL=address,
                PYTEST_SQLA_URL=address,
                PYTHONDONTWRITEBYTECODE="",
                PYTHONPATH=f"{self.folder}{os.pathsep}{PEERS}",
                TABLES=str(self.tables),
                TEST_HARNESS_BUDGETS_OVER="off",
                TEST_HARNESS_WATCH_LEAKS="off",
            )  # fmt: skip
        durations: list[float] = json.loads(clock.read_text(encoding="utf-8"))
        assert len(durations) == self.tests + 1
        return statistics.median(durations[1:])

    def _render(self, template: Path) -> None:
        shutil.copytree(PEERS / "app", self.folder / "app")
        render_around(
            template,
            self.folder,
            engine=self.driver.engine,
            mode=self.driver.mode,
            driver=self.driver.driver,
        )

    def _copy(self) -> None:
        shutil.copytree(PEERS / self.kind, self.folder)
        if self.kind == "pytest_django":
            options = DJANGO
        else:
            shutil.copytree(PEERS / "app", self.folder / "app")
            options = SESSION_LOOP if self.driver.mode == "async" else NO_LOOP
            options = LOOP_PER_TEST if self.kind == "loop_per_test" else options
            if self.kind == "pytest_sqla":
                options += "sqla_metadata = app.models:Base\n"
        (self.folder / "pytest.ini").write_text(f"[pytest]\n{options}", encoding="utf-8")


def repeated(source: str, times: int, unique: bool) -> str:
    """Return a module of tests with its last one written out several times.

    Args:
        source: The module.
        times: How often.
        unique: Whether each copy gets an email of its own, so that it passes without isolation.
    """
    head, definition, body = re.split(r"^((?:async )?def test_user)", source, flags=re.MULTILINE)
    copies = []
    for number in range(times):
        email = f"user{number}@example.com" if unique else "user@example.com"
        copies.append(f"{definition}_{number}{body}".replace("user@example.com", email))
    return head + "\n\n".join(copies)


@contextmanager
def database_for(suite: Suite) -> Iterator[str]:
    """Give a suite the address of an empty database, or of none: the harness makes its own."""
    drivername = f"{suite.driver.engine}+{suite.driver.driver}"
    if suite.driver.engine == "sqlite":
        # The fastest there is, so that the comparison is not with the disk. The harness, which
        # leads to a file, is given the same, so that SQLAlchemy chooses the same pool.
        yield URL.create(drivername, database=":memory:").render_as_string()
    elif suite.kind == "harness":
        yield f"{drivername}://somebody@production.invalid/app"
    elif suite.driver.engine == "mysql":
        with mysql_server() as connection, connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
            cursor.execute(f"CREATE DATABASE {DATABASE}")
            try:
                yield mysql_address(drivername)
            finally:
                cursor.execute(f"DROP DATABASE {DATABASE}")
    else:
        with server() as connection:
            database = sql.Identifier(DATABASE)
            drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database)
            connection.execute(drop)
            connection.execute(sql.SQL("CREATE DATABASE {}").format(database))
            if suite.kind.startswith("plain"):
                # As the harness has it: what isolation costs is not what a disk costs.
                connection.execute(
                    sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(database)
                )
            try:
                yield server_address(drivername, DATABASE)
            finally:
                connection.execute(drop)


def server_address(drivername: str, database: str) -> str:
    """Return the address of a database on the PostgreSQL server."""
    return URL.create(
        drivername,
        username=os.environ.get("PGUSER", "postgres"),
        password=os.environ.get("PGPASSWORD"),
        host=os.environ.get("PGHOST", "127.0.0.1"),
        port=int(os.environ.get("PGPORT", "5432")),
        database=database,
    ).render_as_string(hide_password=False)


def mysql_address(drivername: str) -> str:
    """Return the address of the benchmark's database on the MariaDB server."""
    return URL.create(
        drivername,
        username="root",
        password=os.environ.get("MYSQL_PWD"),
        host=os.environ.get("MYSQL_HOST", "127.0.0.1"),
        port=int(os.environ.get("MYSQL_TCP_PORT", "3306")),
        database=DATABASE,
    ).render_as_string(hide_password=False)


def mysql_server() -> pymysql.connections.Connection[pymysql.cursors.Cursor]:
    """Connect to the MariaDB server, to create and drop databases."""
    return pymysql.connect(
        host=os.environ.get("MYSQL_HOST", "127.0.0.1"),
        port=int(os.environ.get("MYSQL_TCP_PORT", "3306")),
        user="root",
        password=os.environ.get("MYSQL_PWD", ""),
    )


def server() -> psycopg.Connection[tuple[object, ...]]:
    """Connect to the PostgreSQL server, to create and drop databases."""
    return psycopg.connect(server_address("postgresql", "postgres"), autocommit=True)


def measure(wanted: Collection[str]) -> list[Row]:
    """Return the rows."""
    kinds = {"P1": of_isolation, "P2": of_scaling, "P3": of_peers, "P10": of_real_commits}
    comparisons = [one for row in ROWS if row in wanted for one in kinds[row]()]
    # In this order the two sides of a comparison run right after each other where they can.
    suites = list(dict.fromkeys(suite for one in comparisons for suite in one.suites))
    prepare(suites)
    durations: dict[Suite, list[float]] = {suite: [] for suite in suites}
    for _ in range(RUNS):
        for suite in suites:
            durations[suite].append(suite.run())
    console = Console(highlight=False)
    for suite, values in durations.items():
        console.print(
            f"{suite.kind} {suite.driver.name}, {suite.tests} tests, {suite.tables} tables: "
            f"{statistics.median(values):.0f} us per test",
            style="dim",
        )
    shown = plots(durations)
    return [
        replace(row, plot=shown.get(row.id)) for row in (it.row(durations) for it in comparisons)
    ]


def prepare(suites: Sequence[Suite]) -> None:
    """Lay out every suite, and the two environments they run in."""
    make_room(FOLDER)
    suite_environment(FOLDER / "environment")
    peers = FOLDER / "environment-of-peers"
    uv = Path(sys.executable).parent / "uv"
    run(uv, "venv", "--quiet", "--python", sys.executable, peers, cwd=FOLDER)
    python = peers / "bin" / "python"
    run(uv, "pip", "install", "--quiet", "--python", python, *PACKAGES_OF_PEERS, cwd=FOLDER)
    template = clone_template(FOLDER / "template", "99.0.0")
    for suite in suites:
        suite.write(template)


@dataclass(frozen=True)
class Comparison:
    """What one suite takes per test, as a multiple of what another one takes.

    With a `floor`, whose isolation costs nothing, the row says how much of the multiple of that is
    reached: no other way to isolate can be compared with less than nothing.
    """

    id: str
    name: str
    suite: Suite
    reference: Suite
    limit: float
    at_least: bool = False
    floor: Suite | None = None

    @property
    def suites(self) -> tuple[Suite, ...]:
        """All sides."""
        return (self.suite, self.reference, *([self.floor] if self.floor else []))

    def row(self, durations: dict[Suite, list[float]]) -> Row:
        """Return the row: the median of the ratios of neighbouring runs."""
        measured = ratios(durations[self.suite], durations[self.reference])
        name = self.name
        if self.floor is not None:
            reached = statistics.median(measured)
            at_best = statistics.median(ratios(durations[self.suite], durations[self.floor]))
            name = f"{name}, of what isolation for nothing would give ({reached:.1f}/{at_best:.1f})"
            measured = ratios(durations[self.floor], durations[self.reference])
        needed = {part for suite in self.suites for part in suite.depends}
        depends = [part for part in (CORES, DISK, LOOPBACK) if part in needed]
        make = at_least if self.at_least else at_most
        return make(self.id, name, measured, self.limit, depends=depends)


def plots(durations: Mapping[Suite, Sequence[float]]) -> dict[str, Plot]:
    """Return what grows with tables and with tests, by the row that shows it."""
    taken = {suite: statistics.median(values) for suite, values in durations.items()}

    def line(*suites: Suite) -> dict[int, float]:
        return {suite.tables: taken[suite] for suite in suites if suite in taken}

    tables = {
        "ours, sqlite": line(*(Suite("harness", PYSQLITE, tables=it) for it in TABLES)),
        "create_all, sqlite": line(
            *(Suite("create_all", PYSQLITE, tests, it) for it, tests in TABLES.items())
        ),
        "ours, postgresql": line(*(Suite("harness", PSYCOPG, tables=it) for it in TABLES)),
    }
    by_tests = (Suite("harness", PYSQLITE, tests) for tests in (100, 250, MANY_TESTS))
    tests = {suite.tests: taken[suite] for suite in by_tests if suite in taken}
    return {
        "P2-tests": Plot("A test among many", "tests", "us", {"ours, sqlite": tests}),
        "P3-create_all-60": Plot("A test beside many tables", "tables", "us", tables),
    }


def of_isolation() -> list[Comparison]:
    """P1: isolated / not isolated."""
    return [
        Comparison(
            f"P1-{driver.name}",
            f"isolated / not isolated, {driver.engine} {driver.name}",
            Suite("harness", driver),
            Suite(f"plain_{driver.mode}", driver),
            limit,
        )
        for driver, limit in (
            (PYSQLITE, 1.12),
            (AIOSQLITE, 1.08),
            (PSYCOPG, 1.10),
            (PSYCOPG_ASYNC, 1.08),
            (ASYNCPG, 1.08),
            (PYMYSQL, 1.10),
            (ASYNCMY, 1.08),
            (AIOMYSQL, 1.08),
        )
    ]


def of_scaling() -> list[Comparison]:
    """P2: neither tables nor tests make a test slower."""
    rows = []
    for driver in (PYSQLITE, PSYCOPG, PYMYSQL):
        few, many = Suite("harness", driver), Suite("harness", driver, tables=60)
        name = f"60 tables / 10 tables, {driver.engine} {driver.name}"
        rows.append(Comparison(f"P2-tables-{driver.name}", name, many, few, GOAL_SCALING))
    few, many = (Suite("harness", PYSQLITE, tests) for tests in (100, MANY_TESTS))
    name = "5000 tests / 100 tests, sqlite pysqlite"
    rows.append(Comparison("P2-tests", name, many, few, GOAL_SCALING))
    return rows


def of_peers() -> list[Comparison]:
    """P3: other ways to the same end."""
    rows = [
        Comparison(
            f"P3-{row}",
            f"{name} / ours",
            Suite(kind, driver, tests),
            Suite("harness", driver),
            limit,
            at_least=True,
        )
        for row, name, kind, driver, tests, limit in (
            ("truncate", "TRUNCATE on PostgreSQL", "truncate", PSYCOPG, 50, 10),
            ("pytest-postgresql", "pytest-postgresql", "pytest_postgresql", PSYCOPG, 8, 40),
            ("loop-per-test", "asyncpg, a loop per test", "loop_per_test", ASYNCPG, 50, 5),
            ("django-sqlite", "pytest-django db, SQLite", "pytest_django", PYSQLITE, 250, 1.25),
            ("django-pg", "pytest-django db, PostgreSQL", "pytest_django", PSYCOPG, 250, 1.25),
            ("sqla-sqlite", "pytest-sqla, SQLite", "pytest_sqla", PYSQLITE, 250, 1.7),
            ("sqla-pg", "pytest-sqla, PostgreSQL", "pytest_sqla", PSYCOPG, 250, 2.5),
            ("recipe-sqlite", "SQLAlchemy's recipe, SQLite", "recipe", PYSQLITE, 250, 1.1),
            ("recipe-pg", "SQLAlchemy's recipe, PostgreSQL", "recipe", PSYCOPG, 250, 1.1),
        )
    ]
    for tables, tests in TABLES.items():
        rows.append(
            Comparison(
                f"P3-create_all-{tables}",
                f"create_all on SQLite, {tables} tables / ours",
                Suite("create_all", PYSQLITE, tests, tables),
                Suite("harness", PYSQLITE, tables=tables),
                0.9,
                at_least=True,
                floor=Suite("plain_sync", PYSQLITE, tables=tables),
            )
        )
    return rows


def of_real_commits() -> list[Comparison]:
    """P10: a test with a database of its own."""
    return [
        Comparison(
            f"P10-{driver.name}",
            f"a test with real commits / an isolated one, {driver.engine}, 60 tables",
            Suite("harness", driver, 30, 60, "real_commits"),
            Suite("harness", driver, tables=60),
            limit,
        )
        for driver, limit in ((PYSQLITE, 3), (PSYCOPG, 15), (PYMYSQL, 15))
    ]
