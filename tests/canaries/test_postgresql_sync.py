"""What only PostgreSQL does, through a synchronous driver; each twice."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from contextlib import nullcontext, suppress
from typing import Any

import pytest
from canaries.rows import LOCAL, ORPHAN, OWN_LOCKS, PARENT, SCRIPTS, WRITING_SELECT, add, count
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from test_harness import DatabaseLockedError, IsolationError
from test_harness.runtime.process import runtime
from test_harness.settings import settings

pytestmark = pytest.mark.parametrize("round_", [1, 2])

MakeEngine = Callable[..., Engine]


def test_a_deferred_constraint_is_checked_by_a_commit(make_engine: MakeEngine, round_: int) -> None:
    with Session(make_engine()) as session:
        session.execute(text(ORPHAN))
        with pytest.raises(IntegrityError, match="canary_child"):
            session.commit()
        session.rollback()
        session.execute(text(ORPHAN))
        session.execute(text(PARENT))
        session.commit()
        assert session.scalar(text("SELECT count(*) FROM canary_child")) == 1


def test_a_deferred_constraint_is_checked_by_the_drivers_commit(
    make_engine: MakeEngine, round_: int
) -> None:
    fairy = make_engine().raw_connection()
    fairy.cursor().execute(ORPHAN)
    with pytest.raises(Exception, match="canary_child"):
        fairy.commit()
    fairy.close()


def test_rows_that_break_a_deferred_constraint_are_reported(
    make_engine: MakeEngine, round_: int
) -> None:
    session = Session(make_engine())
    session.execute(text(ORPHAN))
    with pytest.raises(IsolationError, match=r'no commit would accept: .* table "canary_child"'):
        runtime().seam.rows.roll_back()
    session.close()


def test_tables_made_and_dropped(make_engine: MakeEngine, round_: int) -> None:
    with make_engine().begin() as connection:
        connection.execute(text("CREATE TABLE made_in_a_test (name TEXT)"))
        connection.execute(text("DROP TABLE test_harness_canary"))


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_what_is_local_ends_with_its_transaction(
    make_engine: MakeEngine, round_: int, end: str
) -> None:
    with make_engine().connect() as connection:
        before = connection.execute(text(LOCAL)).one()
        connection.execute(select(func.set_config("canary.tenant", "a", True)))
        connection.execute(text("SET LOCAL TIME ZONE 'Asia/Tokyo'"))
        assert connection.execute(text(LOCAL)).one() == ("a", "Asia/Tokyo")
        getattr(connection, end)()
        assert connection.execute(text(LOCAL)).one() == ("", before.zone)


def test_what_a_select_writes_is_undone_by_a_rollback(make_engine: MakeEngine, round_: int) -> None:
    with make_engine().connect() as connection:
        assert connection.scalar(text(WRITING_SELECT)) == 1
        connection.rollback()
        assert count(connection) == 0


def test_a_failed_statement_is_undone_by_a_rollback(make_engine: MakeEngine, round_: int) -> None:
    with make_engine().connect() as connection:
        add(connection, "kept")
        connection.commit()
        with pytest.raises(Exception, match="no_such_table"):
            connection.execute(text("SELECT * FROM no_such_table"))
        connection.rollback()
        assert count(connection) == 1


def test_the_drivers_own_calls(make_engine: MakeEngine, round_: int) -> None:
    engine = make_engine()
    fairy = engine.raw_connection()
    raw: Any = fairy.driver_connection
    with raw.cursor() as cursor:
        cursor.execute("INSERT INTO test_harness_canary VALUES ('kept')")
        raw.commit()
        cursor.execute("INSERT INTO test_harness_canary VALUES ('undone')")
        raw.rollback()
        with nested(engine, raw):
            cursor.execute("INSERT INTO test_harness_canary VALUES ('of the block')")
        with suppress(ZeroDivisionError), nested(engine, raw):
            cursor.execute("INSERT INTO test_harness_canary VALUES ('undone')")
            raise ZeroDivisionError
    fairy.close()
    with engine.connect() as connection:
        assert count(connection) == 2


def test_a_commit_in_sql_past_sqlalchemy(make_engine: MakeEngine, round_: int) -> None:
    engine = make_engine()
    fairy = engine.raw_connection()
    cursor = fairy.cursor()
    for statement in ("BEGIN", "INSERT INTO test_harness_canary VALUES ('kept')", "COMMIT"):
        cursor.execute(statement)
    for statement in ("BEGIN", "INSERT INTO test_harness_canary VALUES ('undone')", "ROLLBACK"):
        cursor.execute(statement)
    fairy.close()
    with engine.connect() as connection:
        assert count(connection) == 1


def test_a_copy_within_a_transaction(make_engine: MakeEngine, round_: int) -> None:
    with Session(make_engine()) as session:
        cursor: Any = session.connection().connection.cursor()
        if hasattr(cursor, "copy"):
            with cursor.copy("COPY test_harness_canary FROM STDIN") as copy:
                copy.write_row(["undone"])
        else:
            cursor.execute("INSERT INTO test_harness_canary VALUES ('undone')")
        session.rollback()
        assert count(session) == 0


def nested(engine: Engine, raw: Any) -> Any:
    return raw if engine.dialect.driver == "psycopg2" else raw.transaction()


def test_copy(make_engine: MakeEngine, round_: int) -> None:
    engine = make_engine()
    fairy = engine.raw_connection()
    raw: Any = fairy.driver_connection
    with raw.cursor() as cursor:
        if engine.dialect.driver == "psycopg2":
            from io import StringIO

            cursor.copy_expert("COPY test_harness_canary FROM STDIN", StringIO("one\ntwo\n"))
        else:
            with cursor.copy("COPY test_harness_canary FROM STDIN") as copy:
                copy.write("one\ntwo\n")
    raw.commit()
    fairy.close()
    with engine.connect() as connection:
        assert count(connection) == 2


@pytest.mark.real_commits
def test_time_goes_on_between_real_transactions(make_engine: MakeEngine, round_: int) -> None:
    with make_engine().connect() as connection:
        first = connection.scalar(text("SELECT now()"))
        connection.commit()
        assert connection.scalar(text("SELECT now()")) > first


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_that_ends_a_transaction_is_refused(
    make_engine: MakeEngine, round_: int, script: str
) -> None:
    with make_engine().connect() as connection:
        with pytest.raises(IsolationError, match="sent several statements in one string"):
            connection.execute(text(script))
        raw: Any = connection.connection.driver_connection
        with pytest.raises(IsolationError, match="sent several statements in one string"):
            raw.cursor().execute(script)
        assert count(connection) == 0


def test_what_begins_like_a_read_and_writes_is_undone(make_engine: MakeEngine, round_: int) -> None:
    with make_engine().connect() as connection:
        for statement in (
            "WITH one AS (INSERT INTO test_harness_canary VALUES ('undone') RETURNING name) "
            "SELECT name FROM one",
            "EXPLAIN ANALYZE INSERT INTO test_harness_canary VALUES ('undone')",
            "SELECT name INTO made_in_a_test FROM test_harness_canary",
        ):
            connection.execute(text(statement))
            connection.rollback()
            assert count(connection) == 0
            connection.rollback()
        assert connection.scalar(text("SELECT to_regclass('made_in_a_test')")) is None


def test_a_copy_by_a_program_is_refused(make_engine: MakeEngine, round_: int) -> None:
    statement = "COPY test_harness_canary FROM PROGRAM 'cat /tmp/canary'"
    with make_engine().connect() as connection:
        cursor: Any = connection.connection.cursor()
        is_psycopg = hasattr(cursor, "copy")
        refused = pytest.raises(DatabaseLockedError, match="had the server reach a program")
        with refused, cursor.copy(statement) if is_psycopg else nullcontext():
            cursor.copy_expert(statement, None)
        assert count(connection) == 0


def test_what_the_driver_composes_is_read(make_engine: MakeEngine, round_: int) -> None:
    sql = importlib.import_module(f"{settings().database.driver}.sql")
    engine, table = make_engine(), sql.Identifier("test_harness_canary")
    with engine.connect() as connection:
        assert connection.scalar(text(OWN_LOCKS)) == 0
    raw: Any = engine.raw_connection()
    cursor = raw.cursor()
    with pytest.raises(DatabaseLockedError, match="a program on the server"):
        cursor.execute(sql.SQL("COPY {} TO PROGRAM 'cat'").format(table))
    cursor.execute(sql.SQL("INSERT INTO {} VALUES ('kept')").format(table))
    cursor.execute(sql.SQL("COMMIT"))
    cursor.execute(sql.SQL("INSERT INTO {} VALUES ('undone')").format(table))
    cursor.execute(sql.SQL("ROLLBACK"))
    cursor.execute(sql.SQL('SELECT "pg_advisory_lock"({})').format(sql.Literal(7)))
    raw.close()
    with engine.connect() as connection:
        assert count(connection) == 1
    assert runtime().seam.isolates


def test_large_objects_are_undone_by_the_application(make_engine: MakeEngine, round_: int) -> None:
    with make_engine().connect() as connection:
        connection.execute(text("SELECT lo_from_bytea(424242, 'abc')"))
        connection.rollback()
        made = "SELECT count(*) FROM pg_largeobject_metadata WHERE oid = 424242"
        assert connection.scalar(text(made)) == 0


def test_a_transaction_that_is_prepared_in_sql_is_refused(
    make_engine: MakeEngine, round_: int
) -> None:
    with make_engine().connect() as connection:
        add(connection, "undone")
        with pytest.raises(IsolationError, match="two-phase transaction"):
            connection.execute(text("/* why */ PREPARE TRANSACTION 'canary'"))
        connection.rollback()
        assert count(connection) == 0
