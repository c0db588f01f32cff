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

# What a transaction of PostgreSQL may set for itself.
LOCAL = (
    "SELECT coalesce(current_setting('canary.tenant', true), '') AS tenant, "
    "current_setting('timezone') AS zone"
)

# A function that writes, and a SELECT that so does.
WRITERS = {
    "postgresql": "CREATE FUNCTION write_canary() RETURNS int LANGUAGE sql AS "
    "$$INSERT INTO test_harness_canary VALUES ('undone'); SELECT 1$$",
    "mysql": "CREATE FUNCTION write_canary() RETURNS int MODIFIES SQL DATA "
    "BEGIN INSERT INTO test_harness_canary VALUES ('undone'); RETURN 1; END",
}
WRITING_SELECT = "SELECT write_canary()"

# What commits on MySQL and MariaDB, whatever came before it.
DDL = (
    "CREATE TABLE made_in_a_test (name TEXT)",
    "ALTER TABLE test_harness_canary ADD note TEXT",
    "DROP TABLE test_harness_canary",
    "TRUNCATE TABLE test_harness_canary",
    "SET autocommit = 1",
    "/* why */ CREATE TABLE made_in_a_test (name TEXT)",
    "ANALYZE TABLE test_harness_canary",
    "CHECK TABLE test_harness_canary",
    "PREPARE made FROM 'CREATE TABLE made_in_a_test (name TEXT)'",
    "/*M!100000 CREATE TABLE made_in_a_test (name TEXT) */",
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
    "INSERT LOW_PRIORITY production.users VALUES ('a')",
    "DELETE production.users FROM production.users",
    "SELECT 1 FROM (production.users u, test_harness_canary c)",
    "SELECT production.price(1)",
    "HANDLER production.users OPEN",
    "SELECT 1 /*! FROM production.users */",
    "USE production",
    "DROP DATABASE production",
)

# What only looks so.
AT_HOME = (
    "SELECT 'mail FROM production.users', \"INTO production.users\"",
    "SELECT extract(YEAR FROM c.made) FROM (SELECT now() AS made) c",
    "SELECT /* FROM production.users */ c.name FROM test_harness_canary c",
    "SELECT table_name FROM information_schema.tables",
    "SELECT REPLACE (c.name, 'a', 'b') FROM test_harness_canary c ORDER BY c.name DESC, c.name",
    "SELECT c.name FROM test_harness_canary c, test_harness_canary d ORDER BY c.name, d.name",
)

# One string that ends a transaction and goes on, as servers take it.
SCRIPTS = (
    "BEGIN; INSERT INTO test_harness_canary VALUES ('kept'); COMMIT;",
    "INSERT INTO test_harness_canary VALUES ('kept'); /* why */ COMMIT; BEGIN",
    # To PostgreSQL a backslash is a letter like others, and the text ends behind it.
    r"INSERT INTO test_harness_canary VALUES ('kept\'); COMMIT; BEGIN; SELECT 'b'",
)

# A table whose rows have the time by default.
CLOCK_TABLES = {
    "sqlite": "CREATE TABLE canary_clock (id INTEGER PRIMARY KEY, "
    "made TEXT DEFAULT CURRENT_TIMESTAMP, made_on TEXT DEFAULT (date('now')))",
    "postgresql": "CREATE TABLE canary_clock (id INTEGER PRIMARY KEY, "
    "made TIMESTAMP DEFAULT timezone('utc', now()), made_on DATE DEFAULT CURRENT_DATE)",
    "mysql": "CREATE TABLE canary_clock (id INTEGER PRIMARY KEY, "
    "made DATETIME DEFAULT CURRENT_TIMESTAMP, made_on DATE DEFAULT (CURRENT_DATE))",
}
MAKE = "INSERT INTO canary_clock (id) VALUES (:id)"
MADE = "SELECT made, made_on FROM canary_clock WHERE id = :id"
# Says what time it is, and has a text that is no question.
ASK = {
    "sqlite": "SELECT datetime('now'), CURRENT_TIMESTAMP, strftime('%Y-%m-%d'), 'now()'",
    "postgresql": "SELECT now(), CURRENT_TIMESTAMP, CURRENT_DATE, 'now()'",
    "mysql": "SELECT NOW(), CURRENT_TIMESTAMP(), CURDATE(), 'now()'",
}


def days(row: Any) -> set[str]:
    """Return the days of the moments in a row."""
    return {str(value)[:10] for value in row if value != "now()"}


# What has the server itself reach something that is not of the test. None of it does any harm where
# it is not refused, for the server may be somebody's.
WAYS_OUT = {
    "postgresql": (
        "SELECT * FROM dblink('dbname=production', 'SELECT 1') AS t (a int)",
        "SELECT public.dblink_exec ('dbname=production', 'DROP TABLE users')",
        "COPY test_harness_canary TO PROGRAM 'cat > /tmp/canary'",
        "/* why */ COPY test_harness_canary (name) FROM PROGRAM 'cat /tmp/canary'",
        "COPY (SELECT name FROM test_harness_canary) TO '/tmp/canary.csv'",
        "CREATE SERVER production FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'production')",
        "ALTER SYSTEM RESET work_mem",
        """SELECT * FROM "dblink"('dbname=production', 'SELECT 1') AS t (a int)""",
        "DO $$ BEGIN IF true THEN COPY test_harness_canary TO PROGRAM 'cat'; END IF; END $$",
        "DROP DATABASE IF EXISTS production_of_the_canary",
    ),
    "mysql": (
        "SELECT name INTO OUTFILE '/tmp/canary.csv' FROM test_harness_canary",
        "SELECT name FROM test_harness_canary INTO DUMPFILE '/tmp/canary'",
        "SELECT name FROM test_harness_canary /* why */ INTO /* why */ OUTFILE '/tmp/canary.csv'",
        "CREATE TABLE users (a INT) ENGINE=FEDERATED CONNECTION='mysql://me@production/shop/users'",
        "CREATE SERVER production FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'production')",
        "SET GLOBAL net_retry_count = 10",
        "SET @@GLOBAL.net_retry_count = 10",
        "SET PERSIST net_retry_count = 10",
        "/*M!100000 SET GLOBAL net_retry_count = 10 */",
        "PURGE BINARY LOGS TO 'nothing.of.this.name'",
    ),
}
# What only looks so.
NO_WAYS_OUT = {
    "postgresql": (
        "SELECT 'dblink(1)', 'COPY a TO PROGRAM b' /* dblink(1) */",
        "SELECT name AS program FROM test_harness_canary",
        "CREATE TABLE database (server TEXT)",
        "CREATE INDEX ON test_harness_canary (lower(name))",
    ),
    "mysql": (
        "SELECT 'INTO OUTFILE x' /* INTO OUTFILE x */",
        "SELECT name AS `server` FROM test_harness_canary",
        "SELECT @@GLOBAL.max_connections, 'SET GLOBAL a = 1'",
        "SET SESSION sort_buffer_size = 262144",
    ),
}
# Of those, what migrations may not send either.
ALWAYS_OUT = {"postgresql": WAYS_OUT["postgresql"][2], "mysql": WAYS_OUT["mysql"][0]}
