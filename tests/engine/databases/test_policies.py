"""Where tables have policies, a role that they bind is there for the application to be."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from test_harness.databases.database import AUTO, KeptDatabase, Policies, make_database
from test_harness.databases.naming import RunName
from test_harness.databases.postgresql_policies import ROLE
from test_harness.settings import DatabaseSettings

TABLES = """
CREATE TABLE items (id SERIAL PRIMARY KEY, tenant TEXT);
CREATE TABLE plain (id INT GENERATED ALWAYS AS IDENTITY, name TEXT);
CREATE VIEW seen AS SELECT * FROM items;
CREATE FUNCTION two() RETURNS INT LANGUAGE SQL AS 'SELECT 2';
INSERT INTO items (tenant) VALUES ('a'), ('b')
"""
POLICY = """
ALTER TABLE items ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON items {to} USING (tenant = current_setting('app.tenant', true))
"""
FORCE = "ALTER TABLE items FORCE ROW LEVEL SECURITY"
NAMED = f"test_harness_named_{os.getpid()}"
OTHER = f"test_harness_other_{os.getpid()}"


@pytest.fixture
def database() -> Iterator[KeptDatabase]:
    made = make_database(
        DatabaseSettings("postgresql", "psycopg", "app:Base", ""),
        RunName("policies", str(os.getpid()), ""),
    )
    made.create()
    yield made
    made.drop()


@pytest.fixture
def engine(database: KeptDatabase) -> Iterator[Engine]:
    made = create_engine(database.url("postgresql+psycopg"))
    yield made
    with made.begin() as connection:
        for role in (NAMED, OTHER):
            if connection.scalar(text(f"SELECT to_regrole('{role}')")) is not None:
                connection.execute(text(f"DROP OWNED BY {role}"))
                connection.execute(text(f"DROP ROLE {role}"))
    made.dispose()


def send(engine: Engine, *scripts: str) -> None:
    with engine.begin() as connection:
        for statement in ";".join(scripts).split(";"):
            connection.execute(text(statement))


def rows(engine: Engine, role: str, what: str = "items", tenant: str = "a") -> list[str]:
    with engine.connect() as connection:
        connection.execute(text(f"SET LOCAL ROLE {role}"))
        connection.execute(text(f"SET LOCAL app.tenant = '{tenant}'"))
        return [*connection.scalars(text(f"SELECT tenant FROM {what} ORDER BY 1"))]  # noqa: S608


def bound(database: KeptDatabase, role: str = AUTO) -> Policies:
    database.bind(role)
    return database.policies


def test_where_nothing_has_policies_the_application_is_who_the_tests_are(
    database: KeptDatabase, engine: Engine
) -> None:
    send(engine, TABLES)
    assert bound(database) == Policies()
    # One that nobody may do anything by is there for the owner alone, and no policy of anybody.
    send(engine, "ALTER TABLE items ENABLE ROW LEVEL SECURITY")
    assert bound(database) == Policies()


@pytest.mark.parametrize("force", [FORCE, "SELECT 1"])
def test_the_role_sees_what_policies_let_it(
    database: KeptDatabase, engine: Engine, force: str
) -> None:
    send(engine, TABLES, POLICY.format(to=""), force)
    found = bound(database)
    assert (found.tables, found.role) == (("items",), ROLE)
    assert rows(engine, ROLE) == ["a"]
    assert rows(engine, ROLE, tenant="") == []
    assert rows(engine, found.tests) == ["a", "b"]
    # As the view's owner sees it: the application where that is the owner, and else who migrates.
    assert rows(engine, ROLE, "seen") == (["a"] if force == FORCE else ["a", "b"])
    again = bound(database)
    assert again == found


def test_the_role_may_do_what_an_application_does(database: KeptDatabase, engine: Engine) -> None:
    send(engine, TABLES, POLICY.format(to=""), FORCE)
    bound(database)
    send(engine, "CREATE TABLE later (id SERIAL PRIMARY KEY)")
    with engine.connect() as connection:
        connection.execute(text(f"SET LOCAL ROLE {ROLE}"))
        connection.execute(text("SET LOCAL app.tenant = 'c'"))
        for statement in (
            "INSERT INTO items (tenant) VALUES ('c')",
            "INSERT INTO plain (name) VALUES ('x')",
            "INSERT INTO later DEFAULT VALUES",
            "SELECT two(), nextval('items_id_seq')",
            "TRUNCATE plain",
            "CREATE TEMPORARY TABLE t (id INT)",
            "CREATE TABLE made (id INT)",
            "ALTER TABLE items ADD COLUMN note TEXT",
            "CREATE OR REPLACE FUNCTION two() RETURNS INT LANGUAGE SQL AS 'SELECT 3'",
            "CREATE SCHEMA IF NOT EXISTS public",
        ):
            connection.execute(text(statement))
        with pytest.raises(DBAPIError, match="row-level security policy"):
            connection.execute(text("INSERT INTO items (tenant) VALUES ('a')"))


def test_a_role_that_forced_policies_are_for_is_the_application(
    database: KeptDatabase, engine: Engine
) -> None:
    policy = POLICY.format(to=f"TO {NAMED}")
    send(engine, TABLES, f"CREATE ROLE {NAMED}", policy)
    # Without FORCE it may be anybody's that has nothing to do with the application.
    assert not bound(database).role
    send(engine, FORCE)
    assert bound(database).role == NAMED
    assert rows(engine, NAMED) == ["a"]


def test_of_several_roles_somebody_has_to_name_one(database: KeptDatabase, engine: Engine) -> None:
    policy = POLICY.format(to=f"TO {NAMED}, {OTHER}")
    send(engine, TABLES, f"CREATE ROLE {NAMED}", f"CREATE ROLE {OTHER}", policy, FORCE)
    found = bound(database)
    assert (found.tables, found.role) == (("items",), "")
    assert bound(database, OTHER).role == OTHER
    assert rows(engine, OTHER) == ["a"]


def test_a_role_that_binds_nobody_is_none(database: KeptDatabase, engine: Engine) -> None:
    send(engine, TABLES, POLICY.format(to=""), f"CREATE ROLE {NAMED} BYPASSRLS")
    for role in ("", NAMED, "is_not_there"):
        found = bound(database, role)
        assert (found.tables, found.role) == (("items",), "")
