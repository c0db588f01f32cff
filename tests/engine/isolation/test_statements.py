"""Statements are read as servers read them: comments, several in a string, what outlives a test."""

from __future__ import annotations

import pytest

from test_harness.errors import DatabaseLockedError, IsolationError
from test_harness.isolation.drivers.mysql_statements import (
    refuse_in_tests,
    refuse_other_databases,
)
from test_harness.isolation.statements import calls_of, kind_of, outlives


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("SELECT name FROM users WHERE id IN (1, 2)", "read"),
        ("SELECT name FROM users FOR UPDATE", "read"),
        ("SELECT name FROM users FOR NO KEY UPDATE SKIP LOCKED", "read"),
        ("WITH one AS (SELECT 1) SELECT * FROM one", "read"),
        ("WITH one AS (DELETE FROM users RETURNING id) SELECT * FROM one", "write"),
        ("SELECT 'INSERT; COMMIT' AS text", "read"),
        ('SELECT "insert" FROM "delete"', "read"),
        ("SELECT * INTO copies FROM users", "write"),
        ("EXPLAIN ANALYZE INSERT INTO users VALUES (1)", "write"),
        ("(SELECT 1) UNION (SELECT 2)", "read"),
        ("/* why */ COMMIT", "commit"),
        ("-- why\nCOMMIT AND CHAIN", "commit"),
        ("  # why\n END", "commit"),
        ("COMMIT;  ", "commit"),
        ("/* a */ -- b\n ROLLBACK", "rollback"),
        ("ABORT", "rollback"),
        ("ROLLBACK TO SAVEPOINT one", "write"),
        ("ROLLBACK TRANSACTION TO one", "write"),
        ("/**/START TRANSACTION READ ONLY", "begin"),
        ("BEGIN; INSERT INTO users VALUES (1); COMMIT", "script"),
        ("CREATE TABLE a (b int); /* why */ COMMIT", "script"),
        ("INSERT INTO users VALUES ('; COMMIT;')", "write"),
        ("DO $body$ BEGIN DELETE FROM users; COMMIT; END $body$", "write"),
        (r"SELECT 'a\'; COMMIT; SELECT 'b'", "script"),
        (r"SELECT E'a\'; COMMIT; SELECT 1 --'", "script"),
        (r"SELECT 'a\\', 'b; c'", "read"),
        ("/*M!100000 COMMIT */", "commit"),
        ("-- why\nPREPARE TRANSACTION 'a'", "two-phase"),
        ("PREPARE transaction_of AS SELECT 1", "write"),
        ("SELECT 1; SELECT 2", "read"),
        ("SELECT 1; DELETE FROM users", "write"),
        ("CREATE TRIGGER a AFTER INSERT ON b BEGIN DELETE FROM c; END", "write"),
        ("CREATE OR REPLACE FUNCTION a() RETURNS int BEGIN ATOMIC SELECT 1; END", "write"),
    ],
)
def test_what_a_statement_does_to_its_transaction(statement: str, kind: str) -> None:
    assert kind_of(statement) == kind


@pytest.mark.parametrize(
    ("engine", "statement"),
    [
        ("mysql", "set foreign_key_checks = 0"),
        ("mysql", "/*!40101 SET NAMES utf8mb4 */"),
        ("mysql", "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE"),
        ("mysql", "SELECT @total := 1"),
        ("mysql", "SELECT count(*) INTO @total FROM users"),
        ("mysql", "SELECT GET_LOCK('job', 10)"),
        ("postgresql", 'SELECT pg_catalog."pg_advisory_lock"(7)'),
        ("mysql", "CREATE OR REPLACE TEMPORARY TABLE scratch (id int)"),
        ("sqlite", "PRAGMA query_only = ON"),
        ("sqlite", "-- why\nPRAGMA main.busy_timeout(100)"),
        ("sqlite", "ATTACH 'other.db' AS other"),
        ("postgresql", "PREPARE one AS SELECT 1"),
        ("postgresql", "SELECT pg_try_advisory_lock(1, 2)"),
        ("postgresql", "SELECT setseed(0.5)"),
    ],
)
def test_what_outlives_a_rollback(engine: str, statement: str) -> None:
    assert outlives(statement, engine)


@pytest.mark.parametrize(
    ("engine", "statement"),
    [
        ("mysql", "SET TRANSACTION READ ONLY"),
        ("mysql", "UPDATE users SET name = 'a'"),
        ("mysql", "CREATE TABLE users (id int)"),
        ("sqlite", "PRAGMA foreign_keys"),
        ("sqlite", "PRAGMA table_info('users')"),
        ("sqlite", 'PRAGMA main.foreign_key_list("users")'),
        ("postgresql", "SET LOCAL app.tenant = '1'"),
        ("postgresql", "SET statement_timeout = 100"),
        ("postgresql", "SELECT pg_advisory_xact_lock(1)"),
        ("postgresql", "SELECT 'pg_advisory_lock'"),
    ],
)
def test_what_a_rollback_undoes(engine: str, statement: str) -> None:
    assert not outlives(statement, engine)


@pytest.mark.parametrize(
    "statement",
    [
        "/* why */ CREATE TABLE made (id int)",
        "# why\nDROP TABLE made",
        "-- why\n/* and */ TRUNCATE made",
        "/*!50000 ALTER TABLE made ADD note text */",
        "ANALYZE TABLE made",
        "CHECK TABLE made",
        "PREPARE one FROM 'CREATE TABLE made (id int)'",
        'EXECUTE IMMEDIATE "/* why */ DROP TABLE made"',
    ],
)
def test_what_commits_on_mysql_is_refused(statement: str) -> None:
    with pytest.raises(IsolationError, match="which commits on MySQL and MariaDB"):
        refuse_in_tests(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 'CREATE TABLE made (id int)'",
        "CREATE TEMPORARY TABLE made (id int)",
        "PREPARE one FROM 'SELECT 1'",
        "ROLLBACK TO SAVEPOINT one",
    ],
)
def test_what_does_not_commit_passes(statement: str) -> None:
    refuse_in_tests(statement)


def test_what_a_statement_calls() -> None:
    statement = 'SELECT app.book(:a), "Pay" (1), count(*) FROM users WHERE id IN (SELECT f())'
    assert calls_of(statement) == {"book", "pay", "f", "users"}
    statement = "SELECT users.id FROM users WHERE lower(users.name) = 'a'"
    assert calls_of(statement) == {"users"}
    assert calls_of('SELECT * FROM app."Seen" JOIN b ON true') == {"seen", "b"}


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO a (b) VALUES (1) ON DUPLICATE KEY\n    UPDATE a.b = a.b + 1",
        "-- copied from other.users, which aren't here\nSELECT 1",
        "SELECT 1 # as other.price(1) has it",
        "SELECT u.a FROM u ORDER BY u.b DESC, u.c",
        "SELECT extract(YEAR FROM (u.a)) FROM u WHERE NOT EXISTS (SELECT u.b)",
    ],
)
def test_what_only_looks_like_another_database_of_mysql(statement: str) -> None:
    refuse_other_databases(statement, "own")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT `a#b` FROM other.users",
        "SELECT `a -- b` FROM other.users",
        "SELECT 1--1 FROM other.users",
        "-- why\nSELECT 1 FROM other.users",
    ],
)
def test_another_database_of_mysql_is_refused_behind_what_looks_like_a_comment(
    statement: str,
) -> None:
    with pytest.raises(DatabaseLockedError, match="named the database other"):
        refuse_other_databases(statement, "own")
