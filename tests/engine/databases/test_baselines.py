"""What a test wrote is taken back from a copy, and a copy that cannot be put back is said to be so.

Each case works on a copy as a test does, on connections of its own, and ends with what the copy
must hold: what it was made with, or `False` for one that is to be dropped.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection, Engine

from test_harness.databases.database import Database, KeptDatabase, Template, make_database
from test_harness.databases.naming import RunName
from test_harness.settings import DatabaseSettings

DRIVERS = {"sqlite": "pysqlite", "postgresql": "psycopg", "mysql": "pymysql"}
NUMBERED = {
    "sqlite": "INTEGER PRIMARY KEY AUTOINCREMENT",
    "postgresql": "SERIAL PRIMARY KEY",
    "mysql": "INT PRIMARY KEY AUTO_INCREMENT",
}
TABLES = """
CREATE TABLE countries (id {numbered}, name VARCHAR(20) UNIQUE);
CREATE TABLE people (id {numbered}, name VARCHAR(20), country INT REFERENCES countries (id));
CREATE TABLE pets (id {numbered}, person INT, name VARCHAR(20),
    FOREIGN KEY (person) REFERENCES people (id));
INSERT INTO countries (name) VALUES ('Norway'), ('Chile')
"""
# What only one of them knows.
MORE = {
    "sqlite": [],
    "postgresql": ["CREATE SEQUENCE tickets START 10", "CREATE TYPE mood AS ENUM ('good')"],
    "mysql": [
        "CREATE TABLE noted (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(20))",
        "CREATE TRIGGER note BEFORE INSERT ON noted FOR EACH ROW SET new.name = upper(new.name)",
        "CREATE TABLE ruled (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(20))",
        "INSERT INTO ruled (name) VALUES ('first')",
        "CREATE TRIGGER rule_ BEFORE INSERT ON ruled FOR EACH ROW SET new.name = 'ruled'",
    ],
}
LOOKS = ["SELECT * FROM countries", "SELECT * FROM people", "SELECT * FROM pets"]
NEXT = ["INSERT INTO pets (name) VALUES ('next')", "SELECT id FROM pets WHERE name = 'next'"]

ALL = list(DRIVERS)
# What a test does; where it is told whether the copy can be kept.
KEPT = {
    "nothing": (ALL, []),
    "rows are added": (
        ALL,
        [
            "INSERT INTO people (name, country) VALUES ('Kari', 1), ('Ana', 2)",
            "INSERT INTO pets (person, name) VALUES (1, 'Bo')",
        ],
    ),
    "rows are added to those that were there": (
        ALL,
        ["INSERT INTO countries (name) VALUES ('Fiji')"],
    ),
    "rows are added, changed and taken away": (
        ALL,
        [
            "INSERT INTO people (name) VALUES ('Kari'), ('Ana')",
            "UPDATE people SET name = 'Anne' WHERE name = 'Ana'",
            "DELETE FROM people WHERE name = 'Kari'",
        ],
    ),
    "a sequence moves on": (["postgresql"], ["SELECT nextval('tickets')"]),
    "a sequence is set": (["postgresql"], ["SELECT setval('tickets', 99, false)"]),
    "a temporary table": (["postgresql"], ["CREATE TEMPORARY TABLE t (id INT)"]),
    "what was there is changed": (
        ["sqlite", "mysql"],
        ["UPDATE countries SET name = 'Peru' WHERE name = 'Chile'"],
    ),
    "what was there is gone": (["sqlite", "mysql"], ["DELETE FROM countries"]),
    "a table with a trigger": (["mysql"], ["INSERT INTO noted (name) VALUES ('one')"]),
    "a table is emptied": (["sqlite", "mysql"], ["DELETE FROM pets", "DELETE FROM people"]),
    "a table is made": (["sqlite"], ["CREATE TABLE more (id INT)"]),
}
DROPPED = {
    "what was there is changed": (
        ["postgresql"],
        ["UPDATE countries SET name = 'Peru' WHERE name = 'Chile'"],
    ),
    "what was there is changed back": (
        ["postgresql"],
        [
            "UPDATE countries SET name = 'Peru' WHERE id = 1",
            "UPDATE countries SET name = 'Norway' WHERE id = 1",
        ],
    ),
    "what was there is gone": (["postgresql"], ["DELETE FROM countries WHERE name = 'Chile'"]),
    "what was there is another": (
        ["postgresql"],
        ["DELETE FROM countries WHERE id = 1", "INSERT INTO countries VALUES (1, 'Norway')"],
    ),
    "a table with a trigger and rows": (["mysql"], ["INSERT INTO ruled (name) VALUES ('one')"]),
    "a table is made": (["postgresql", "mysql"], ["CREATE TABLE more (id INT)"]),
    "a column is made": (["postgresql", "mysql"], ["ALTER TABLE pets ADD COLUMN age INT"]),
    "an index is made": (["postgresql", "mysql"], ["CREATE INDEX by_name ON pets (name)"]),
    "a table is gone": (["postgresql", "mysql"], ["DROP TABLE pets"]),
    "a value of a type": (["postgresql"], ["ALTER TYPE mood ADD VALUE 'bad'"]),
    "a function": (
        ["postgresql"],
        ["CREATE FUNCTION one() RETURNS INT LANGUAGE sql AS 'SELECT 1'"],
    ),
    "a routine": (["mysql"], ["CREATE FUNCTION one() RETURNS INT DETERMINISTIC RETURN 1"]),
    "a view": (["postgresql", "mysql"], ["CREATE VIEW named AS SELECT id FROM pets"]),
    "a trigger is gone": (["mysql"], ["DROP TRIGGER note"]),
    "a setting": (
        ["postgresql"],
        [
            "DO $$ BEGIN EXECUTE format("
            "'ALTER DATABASE %I SET work_mem = 9999', current_database()); END $$"
        ],
    ),
    "a schema": (["postgresql"], ["CREATE SCHEMA more"]),
    "a large object": (["postgresql"], ["SELECT lo_from_bytea(0, 'x')"]),
    "many rows": (
        ["postgresql"],
        ["INSERT INTO pets (name) SELECT 'x' FROM generate_series(1, 3000)"],
    ),
}


def cases(of: dict[str, tuple[list[str], list[str]]]) -> list[Any]:
    return [
        pytest.param(engine, statements, id=f"{engine}-{name.replace(' ', '-')}")
        for name, (engines, statements) in of.items()
        for engine in engines
    ]


@pytest.fixture(scope="module")
def copies() -> Iterator[Callable[[str], tuple[KeptDatabase, Engine]]]:
    """Return a function that gives a fresh copy, and an engine on it."""
    made: list[tuple[KeptDatabase, Engine]] = []

    def build(database: Database) -> None:
        engine = create_engine(database.url(f"{database.engine}+{DRIVERS[database.engine]}"))
        statements = TABLES.format(numbered=NUMBERED[database.engine]).split(";")
        with engine.begin() as connection:
            for statement in (*statements, *MORE[database.engine]):
                connection.exec_driver_sql(statement.replace("%", "%%"))
        engine.dispose()

    def make(kind: str) -> tuple[KeptDatabase, Engine]:
        settings = DatabaseSettings(engine=kind, driver=DRIVERS[kind], metadata="", migrations="")
        run = RunName.of_this_process(f"baselines {os.getpid()}")
        database = make_database(settings, run, f"c{len(made)}")
        database.create(Template(f"baselines{os.getpid()}", build))
        made.append((database, create_engine(database.url(f"{kind}+{DRIVERS[kind]}"))))
        return made[-1]

    with pytest.MonkeyPatch.context() as patch:
        for name in ("TEST_DATABASE_URL", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_TESTRUNUID"):
            patch.delenv(name, raising=False)
        yield make
    for database, engine in made:
        engine.dispose()
        database.drop()


def contents(engine: Engine) -> list[Any]:
    """Return all rows, and the number that the next one of a table gets."""

    def ask(connection: Connection) -> list[Any]:
        rows: list[Any] = [connection.execute(text(look)).fetchall() for look in LOOKS]
        connection.execute(text(NEXT[0]))
        return [*rows, connection.execute(text(NEXT[1])).scalar()]

    with engine.connect() as connection:
        return ask(connection)


def work(engine: Engine, statements: list[str]) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement.replace("%", "%%"))


@pytest.fixture(scope="module")
def lasting(copies: Callable[[str], Any]) -> Iterator[Callable[[str], Any]]:
    """Return a function that gives the copy of an engine that all cases work on, one by one."""
    known: dict[str, Any] = {}

    def get(kind: str) -> Any:
        if kind not in known:
            database, engine = copies(kind)
            before = contents(engine)
            # A number was used up, which is another beginning than that of the template.
            known[kind] = database, engine, database.baseline(), before
        return known[kind]

    yield get
    for _, _, baseline, _ in known.values():
        baseline.close()


@pytest.mark.parametrize(("kind", "statements"), cases(KEPT))
def test_what_a_test_wrote_is_taken_back(
    lasting: Callable[[str], Any], kind: str, statements: list[str]
) -> None:
    _, engine, baseline, before = lasting(kind)
    expected = [*before[:-1], before[-1] + (kind != "sqlite")]
    for _ in range(2):
        work(engine, statements)
        engine.dispose()
        assert baseline.restore() is True
        assert contents(engine) == expected
        engine.dispose()
        assert baseline.restore() is True


@pytest.mark.parametrize(("kind", "statements"), cases(DROPPED))
def test_what_cannot_be_put_back_is_told(
    copies: Callable[[str], Any], kind: str, statements: list[str]
) -> None:
    database, engine = copies(kind)
    baseline = database.baseline()
    work(engine, statements)
    engine.dispose()
    assert baseline.restore() is False
    baseline.close()
    database.drop()


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_who_still_works_on_it_is_ended(lasting: Callable[[str], Any], kind: str) -> None:
    _, engine, baseline, _ = lasting(kind)
    with engine.connect() as connection:
        connection.execute(text("INSERT INTO people (name) VALUES ('never committed')"))
        assert baseline.restore() is True
        connection.invalidate()
    with engine.connect() as connection:
        assert connection.execute(text(LOOKS[1])).fetchall() == []


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_a_server_that_ended_the_connection_is_no_error(
    copies: Callable[[str], Any], kind: str
) -> None:
    database, _ = copies(kind)
    baseline = database.baseline()
    database.drop()
    assert baseline.restore() is False
    baseline.close()
