"""Statements by which a server reaches what is not of the test, and those that only look so."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from test_harness import errors
from test_harness.errors import DatabaseLockedError, IsolationError, NetworkBlockedError
from test_harness.isolation.ways_out import refuse_way_out


@pytest.mark.parametrize(
    ("engine", "statement", "what"),
    [
        ("postgresql", "SELECT * FROM dblink('dbname=a', 'SELECT 1')", "another database"),
        ("postgresql", "PERFORM dblink_connect_u('a')", "another database"),
        ("postgresql", "/* why */ DROP DATABASE IF EXISTS shop", "another database"),
        ("postgresql", "ALTER DATABASE shop SET timezone = 'UTC'", "another database"),
        ("postgresql", "copy users to\nprogram 'mail'", "a program on the server"),
        ("postgresql", "COPY users FROM PROGRAM 'curl a'", "a program on the server"),
        ("postgresql", "COPY (SELECT 1) TO '/tmp/a' WITH CSV", "a file of the server"),
        ("postgresql", "SELECT lo_export(1, '/tmp/a')", "a file of the server"),
        ("postgresql", "SELECT 1; ALTER SYSTEM SET a = 1", "the whole server"),
        ("mysql", "SELECT * FROM a INTO OUTFILE '/tmp/a'", "a file of the server"),
        ("mysql", "/*! SELECT 1 INTO DUMPFILE '/tmp/a' */", "a file of the server"),
        ("mysql", "CREATE TABLE a (b INT) ENGINE = connect", "another server"),
        ("mysql", "SHUTDOWN", "the whole server"),
        ("mysql", "/*M!100000 SHUTDOWN */", "the whole server"),
        ("mysql", "PURGE BINARY LOGS TO 'a'", "the whole server"),
        ("mysql", "RESET MASTER", "the whole server"),
        ("mysql", "UNINSTALL PLUGIN a", "the whole server"),
        ("postgresql", """SELECT * FROM public."dblink" ('a', 'b')""", "another database"),
        ("postgresql", "DO $a$ BEGIN PERFORM dblink_exec('a', 'b'); END $a$", "another database"),
        ("postgresql", "DO $$ IF a THEN COPY b TO PROGRAM ''; END $$", "a program on the server"),
        ("postgresql", r"SELECT 'a\'; ALTER SYSTEM SET a = 1; SELECT 'b'", "the whole server"),
    ],
)  # fmt: skip
def test_a_way_out_is_refused_whoever_sends_it(engine: str, statement: str, what: str) -> None:
    for in_test in (True, False):
        with pytest.raises(DatabaseLockedError, match=rf"test_ways_out\.py:\d+ had .* {what} in `"):
            refuse_way_out(statement, engine, in_test=in_test)


@pytest.mark.parametrize(
    ("engine", "statement"),
    [
        ("postgresql", "CREATE SERVER a FOREIGN DATA WRAPPER postgres_fdw"),
        ("postgresql", "IMPORT FOREIGN SCHEMA public FROM SERVER a INTO b"),
        ("postgresql", "CREATE SUBSCRIPTION a CONNECTION 'host=b' PUBLICATION c"),
        ("mysql", "CREATE SERVER a FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'b')"),
        ("mysql", "SET GLOBAL sql_mode = ''"),
        ("mysql", "SET a = 1, @@global.sql_mode = ''"),
    ],
)
def test_what_migrations_may_do_no_test_may(engine: str, statement: str) -> None:
    refuse_way_out(statement, engine, in_test=False)
    with pytest.raises(DatabaseLockedError, match="had the server reach"):
        refuse_way_out(statement, engine)


@pytest.mark.parametrize(
    ("engine", "statement"),
    [
        ("postgresql", "SELECT 'dblink(1)', 'COPY a TO PROGRAM b' -- dblink(1)"),
        ("postgresql", 'SELECT "dblink" FROM a'),
        ("postgresql", "CREATE EXTENSION dblink"),
        ("postgresql", "DO $$ BEGIN RAISE NOTICE 'COPY a TO PROGRAM b'; END $$"),
        ("mysql", "FLUSH TABLES"),
        ("postgresql", "COPY users FROM STDIN"),
        ("postgresql", "COPY users TO STDOUT"),
        ("postgresql", "COPY users FROM '/srv/users.csv'"),
        ("postgresql", "CREATE SERVER a FOREIGN DATA WRAPPER file_fdw"),
        ("postgresql", "CREATE TABLE database (program TEXT, server TEXT)"),
        ("postgresql", "SELECT current_database()"),
        ("postgresql", "INSERT INTO a VALUES ('$$ DROP DATABASE shop')"),
        ("mysql", "LOAD DATA LOCAL INFILE '/tmp/a' INTO TABLE users"),
        ("mysql", "SELECT 1 INTO @a"),
        ("mysql", "CREATE TABLE a (b INT) ENGINE=InnoDB"),
        ("mysql", "SELECT @@GLOBAL.sql_mode"),
        ("mysql", "SET SESSION sql_mode = ''"),
        ("sqlite", "SHUTDOWN"),
    ],
)
def test_what_only_looks_so_is_sent(engine: str, statement: str) -> None:
    refuse_way_out(statement, engine)


@pytest.mark.parametrize(
    "error",
    [
        IsolationError("It broke.", "Mend it."),
        NetworkBlockedError("test_it.py:1", "cache:6379", "", "Redis"),
        errors.CommittedError(),
        errors.NoConnectionError("test_it.py:1", "sqlite://", "no"),
    ],
)
def test_an_error_comes_back_from_a_child(error: Any) -> None:
    back = pickle.loads(pickle.dumps(error))  # noqa: S301 - made the line before
    assert (type(back), str(back), back.problem, back.fix) == (
        type(error), str(error), error.problem, error.fix,
    )  # fmt: skip
