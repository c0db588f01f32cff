"""What canaries write and count, through anything that executes statements."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from test_harness.runtime.canary import COUNT, INSERT

# A setting that a connection keeps, how it is shown, and as what.
SETTINGS = {
    "sqlite": ("PRAGMA cache_size = 123", "PRAGMA cache_size", 123),
    "postgresql": ("SET statement_timeout = 123000", "SHOW statement_timeout", "123s"),
    "mysql": ("SET SESSION wait_timeout = 123", "SELECT @@wait_timeout", 123),
}

# How long a connection waits for another one, and a statement that has it wait for less.
PATIENCE = {
    "sqlite": ("PRAGMA busy_timeout", 5000),
    "postgresql": ("SHOW lock_timeout", "10s"),
    "mysql": ("SELECT @@lock_wait_timeout + @@innodb_lock_wait_timeout", 20),
}
IMPATIENT = {
    "sqlite": "PRAGMA busy_timeout = 100",
    "postgresql": "SET lock_timeout = '100ms'",
    "mysql": "SET SESSION innodb_lock_wait_timeout = 1",
}


class Base(DeclarativeBase):
    pass


class Row(Base):
    __tablename__ = "test_harness_canary"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)


class SecondBase(DeclarativeBase):
    """Of the database that `[databases.second]` in harness.toml names."""


class Second(SecondBase):
    __tablename__ = "second"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)


def add(connection: Any, name: str) -> None:
    connection.execute(text(INSERT), {"name": name})


def count(connection: Any) -> int:
    found: int = connection.scalar(text(COUNT))
    return found


async def add_async(connection: Any, name: str) -> None:
    await connection.execute(text(INSERT), {"name": name})


async def count_async(connection: Any) -> int:
    found: int = await connection.scalar(text(COUNT))
    return found


# Two tables of canaries that need them: a child may come before its parent, until the commit.
TABLES = (
    "CREATE TABLE canary_parent (id INTEGER PRIMARY KEY)",
    "CREATE TABLE canary_child (id INTEGER PRIMARY KEY, "
    "parent_id INTEGER REFERENCES canary_parent (id) DEFERRABLE INITIALLY DEFERRED)",
)
PARENT = "INSERT INTO canary_parent (id) VALUES (1)"
ORPHAN = "INSERT INTO canary_child (id, parent_id) VALUES (1, 1)"

# What commits on MySQL and MariaDB, whatever came before it.
DDL = (
    "CREATE TABLE made_in_a_test (name TEXT)",
    "ALTER TABLE test_harness_canary ADD note TEXT",
    "DROP TABLE test_harness_canary",
    "TRUNCATE TABLE test_harness_canary",
    "SET autocommit = 1",
    "/* why */ CREATE TABLE made_in_a_test (name TEXT)",
    "ANALYZE TABLE test_harness_canary",
    "PREPARE made FROM 'CREATE TABLE made_in_a_test (name TEXT)'",
)

# What changes a session for good, how that is seen, and what is seen before.
OWN_LOCKS = (
    "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database "
    "WHERE locktype = 'advisory' AND datname = current_database()"
)
OUTLIVES = {
    "sqlite": (
        ("PRAGMA query_only = 1", "PRAGMA query_only", 0),
        ("PRAGMA ignore_check_constraints = 1", "PRAGMA ignore_check_constraints", 0),
        ("/* why */ PRAGMA case_sensitive_like = 1", "SELECT 'a' LIKE 'A'", 1),
        ("PRAGMA recursive_triggers = 1", "PRAGMA recursive_triggers", 0),
    ),
    "postgresql": (
        ("SELECT pg_advisory_lock(7)", OWN_LOCKS, 0),
        ("SELECT pg_try_advisory_lock_shared(7)", OWN_LOCKS, 0),
        ("/* why */ SELECT pg_try_advisory_lock(7, 8)", OWN_LOCKS, 0),
        (
            "PREPARE canary AS SELECT 1",
            "SELECT count(*) FROM pg_prepared_statements WHERE name = 'canary'",
            0,
        ),
    ),
    "mysql": (
        ("SET FOREIGN_KEY_CHECKS = 0", "SELECT @@foreign_key_checks", 1),
        ("SET SESSION sql_mode = ''", "SELECT @@sql_mode = ''", 0),
        ("/* why */ SET @canary = 1", "SELECT @canary", None),
        ("SELECT get_lock('canary', 1)", "SELECT is_used_lock('canary')", None),
    ),
}

# What names another database of the same server.
ELSEWHERE = (
    "SELECT * FROM production.users",
    "select name from `production` . `users` where id = 1",
    "SELECT 1 FROM test_harness_canary JOIN production.users u ON true",
    "SELECT 1 FROM test_harness_canary AS c, test_harness_canary, `production`.users u",
    "UPDATE test_harness_canary c, production.users u SET u.name = c.name",
    "INSERT INTO production.users VALUES ('a')",
    "UPDATE production.users SET name = 'it''s'",
    "DELETE FROM production.users",
    "USE production",
    "DROP DATABASE production",
)

# What only looks so.
AT_HOME = (
    "SELECT 'mail FROM production.users', \"INTO production.users\"",
    "SELECT extract(YEAR FROM c.made) FROM (SELECT now() AS made) c",
    "SELECT /* FROM production.users */ c.name FROM test_harness_canary c",
    "SELECT table_name FROM information_schema.tables",
    "SELECT c.name FROM test_harness_canary c, test_harness_canary d ORDER BY c.name, d.name",
)

# One string that ends a transaction and goes on, as servers take it.
SCRIPTS = (
    "BEGIN; INSERT INTO test_harness_canary VALUES ('kept'); COMMIT;",
    "INSERT INTO test_harness_canary VALUES ('kept'); /* why */ COMMIT; BEGIN",
)
