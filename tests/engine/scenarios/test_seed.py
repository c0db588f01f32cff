"""`make seed` writes a scenario into a development database, and nothing into any other."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pymysql
import pytest

from tests.decoys import decoy_on
from tests.engine.factories.test_factory_use import CELLS, Cell, shop
from tests.worlds import build_tree, run

pytestmark = pytest.mark.runs

SQLITE = CELLS[0]
ASYNCPG = ("postgresql", "async", "asyncpg")
PYMYSQL = ("mysql", "sync", "pymysql")
ORDERS = "SELECT number FROM orders ORDER BY number"


@pytest.fixture(scope="module")
def rendered(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Cell], Path]:
    """Return a function that renders the shop's project, once."""
    return cache(lambda cell: shop(template, tmp_path_factory.mktemp("seed"), cell))


@pytest.fixture
def seed(rendered: Callable[[Cell], Path], suite_python: Path) -> Callable[..., tuple[int, str]]:
    """Return a function that calls `make seed`, and returns its exit status and what it printed."""

    def call(cell: Cell, url: str, scenario: str = "busy", **extra: str) -> tuple[int, str]:
        done = run(
            "make", "-s", "-f", "test-harness.mk", "seed", f"PYTHON={suite_python}",
            f"DATABASE_URL={url}", f"SCENARIO={scenario}",
            cwd=rendered(cell), check=False, **extra,
        )  # fmt: skip
        return done.returncode, done.stdout

    return call


class Development:
    """A database of a developer: its address, and what its owner does there."""

    def __init__(self, url: str, connect: Callable[[], Any]) -> None:
        self.url = url
        self._connect = connect

    def send(self, *statements: str) -> list[tuple[Any, ...]]:
        """Send statements and return the rows of the last one."""
        rows = []
        with closing(self._connect()) as connection:
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement)
                rows = list(cursor.fetchall()) if cursor.description else []
            connection.commit()
        return rows


@contextmanager
def developed(cell: Cell, folder: Path) -> Iterator[Development]:
    """Make an empty database, and drop it at the end."""
    engine, _, driver = cell
    if engine == "sqlite":
        file = folder / "dev.db"
        yield Development(f"sqlite:///{file}", lambda: sqlite3.connect(file))
        return
    name = f"seed_{uuid4().hex[:8]}"
    connect: Callable[..., Any] = (
        (lambda name: psycopg.connect(f"postgresql://postgres@127.0.0.1/{name}", autocommit=True))
        if engine == "postgresql"
        else (lambda name: pymysql.connect(host="127.0.0.1", user="root", database=name))
    )
    user = "postgres" if engine == "postgresql" else "root"
    server = Development("", lambda: connect(user if engine == "postgresql" else None))
    server.send(f"CREATE DATABASE {name}")
    try:
        yield Development(f"{engine}+{driver}://{user}@127.0.0.1/{name}", lambda: connect(name))
    finally:
        server.send(f"DROP DATABASE {name}")


@pytest.fixture(params=[SQLITE, ASYNCPG, PYMYSQL], ids="-".join)
def development(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[Cell, Development]]:
    with developed(request.param, tmp_path) as database:
        yield request.param, database


Seed = Callable[..., tuple[int, str]]


def test_an_empty_database_is_given_its_schema_and_the_rows(
    seed: Seed, development: tuple[Cell, Development]
) -> None:
    cell, database = development
    status, said = seed(cell, database.url)
    assert status == 0, said
    assert "3 rows in orders" in said
    assert "ada: Customer 1" in said
    assert database.send("SELECT name FROM customers WHERE id = 1") == [("Ada",)]
    assert len(database.send(ORDERS)) == 3


def test_a_marked_database_is_written_to_again_and_keeps_its_rows(
    seed: Seed, development: tuple[Cell, Development]
) -> None:
    cell, database = development
    seed(cell, database.url)
    before = database.send(ORDERS)
    status, said = seed(cell, database.url)
    assert status == 0, said
    after = database.send(ORDERS)
    assert (len(after), set(before) <= set(after)) == (6, True)


def test_rows_without_the_mark_are_left_alone(
    seed: Seed, development: tuple[Cell, Development]
) -> None:
    cell, database = development
    database.send("CREATE TABLE customers (name VARCHAR(20))", "INSERT INTO customers VALUES ('x')")
    status, said = seed(cell, database.url)
    assert status != 0
    assert "holds rows (in customers) and does not carry the harness's mark." in said
    assert "Fix: Name an empty database" in said
    assert "Traceback" not in said
    assert database.send("SELECT name FROM customers") == [("x",)]
    # Not even the schema, or the mark, which would let the next call in.
    assert seed(cell, database.url)[1] == said


def test_a_scenario_that_fails_leaves_no_row(
    seed: Seed, development: tuple[Cell, Development]
) -> None:
    cell, database = development
    status, said = seed(cell, database.url, "broken")
    assert status != 0
    assert "The scenario broken cannot be written to" in said
    assert database.send("SELECT count(*) FROM customers") == [(0,)]


def test_a_scenario_that_goes_elsewhere_is_stopped(
    seed: Seed, rendered: Callable[[Cell], Path], tmp_path: Path
) -> None:
    decoy = rendered(SQLITE) / "decoy.db"
    with closing(sqlite3.connect(decoy)) as connection:
        connection.execute("CREATE TABLE customers (name TEXT)")
        connection.execute("INSERT INTO customers VALUES ('x')")
        connection.commit()
    before = decoy.read_bytes()
    with developed(SQLITE, tmp_path) as database:
        status, said = seed(SQLITE, database.url, "straying")
        assert status != 0
        assert f"tried to open the SQLite file {decoy.name}" in said
        assert database.send("SELECT count(*) FROM customers") == [(0,)]
    assert decoy.read_bytes() == before


@pytest.mark.parametrize(
    ("address", "because"),
    [
        ("postgresql://app@127.0.0.1:{port}/shop_production", "looks like production"),
        ("postgresql://app@127.0.0.1:{port}/shopprod", "looks like production"),
        ("postgresql://prod@127.0.0.1:{port}/shop", "looks like production"),
        ("postgresql://app@prod.localhost:{port}/shop", "looks like production"),
        ("postgresql://app@192.0.2.1:{port}/shop", "which is not on this machine"),
        ("postgresql:///shop?host=192.0.2.1&port={port}", "which is not on this machine"),
        ("mysql://root@127.0.0.1:{port}/shop", "DATABASE_URL is for mysql"),
        ("no address", "DATABASE_URL is not a database address"),
        ("", "No database was named"),
    ],
)
def test_an_address_that_may_not_be_written_to_is_not_even_tried(
    seed: Seed, address: str, because: str
) -> None:
    with decoy_on(0) as decoy:
        status, said = seed(ASYNCPG, address.format(port=decoy.port))
        assert decoy.connections() == 0
    assert status != 0
    assert because in said
    assert "Traceback" not in said


def test_a_file_of_production_is_not_opened(seed: Seed, tmp_path: Path) -> None:
    file = tmp_path / "production.db"
    status, said = seed(SQLITE, f"sqlite:///{file}")
    assert (status != 0, "looks like production" in said) == (True, True)
    assert not file.exists()


def test_an_address_in_memory_is_refused(seed: Seed) -> None:
    assert "DATABASE_URL names no file" in seed(SQLITE, "sqlite://")[1]


def test_an_address_of_the_environment_does_not_count(
    rendered: Callable[[Cell], Path], suite_python: Path, tmp_path: Path
) -> None:
    done = run(
        "make", "-s", "-f", "test-harness.mk", "seed", f"PYTHON={suite_python}", "SCENARIO=busy",
        cwd=rendered(SQLITE), check=False, DATABASE_URL=f"sqlite:///{tmp_path / 'dev.db'}",
    )  # fmt: skip
    assert "No database was named" in done.stdout
    assert not (tmp_path / "dev.db").exists()


def test_half_a_schema_is_refused(seed: Seed, tmp_path: Path) -> None:
    with developed(SQLITE, tmp_path) as database:
        database.send("CREATE TABLE customers (id INTEGER PRIMARY KEY)")
        assert "has tables, but not addresses" in seed(SQLITE, database.url)[1]
        assert database.send("SELECT name FROM sqlite_master") == [("customers",)]
        assert database.send("PRAGMA application_id") == [(0,)]


def test_a_password_is_not_shown(seed: Seed, tmp_path: Path) -> None:
    with decoy_on(0) as decoy:
        address = f"postgresql://app:s3cret@127.0.0.1:{decoy.port}/shop_production"
        assert "s3cret" not in seed(ASYNCPG, address)[1]


def test_a_project_without_scenarios_is_told_what_to_write(
    rendered: Callable[[Cell], Path], suite_python: Path, tmp_path: Path
) -> None:
    project = shutil.copytree(rendered(SQLITE), tmp_path / "project")
    build_tree(project, {"tests/scenarios.py": ""})
    done = run(
        "make", "-s", "-f", "test-harness.mk", "seed", f"PYTHON={suite_python}",
        "DATABASE_URL=sqlite:///dev.db", cwd=project, check=False,
    )  # fmt: skip
    assert "Name one of those that it has: none yet." in done.stdout
    (project / "tests/scenarios.py").unlink()
    again = run(
        "make", "-s", "-f", "test-harness.mk", "seed", f"PYTHON={suite_python}",
        "DATABASE_URL=sqlite:///dev.db", cwd=project, check=False,
    )  # fmt: skip
    assert "scenarios.py does not exist" in again.stdout
