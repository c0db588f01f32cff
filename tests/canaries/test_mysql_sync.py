"""What only MySQL and MariaDB do, through pymysql; each twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from canaries.rows import AT_HOME, DDL, ELSEWHERE, WRITING_SELECT, add, count
from pymysql.cursors import SSCursor
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import IntegrityError

from test_harness import DatabaseLockedError, IsolationError

pytestmark = pytest.mark.parametrize("round_", [1, 2])

MakeEngine = Callable[..., Engine]


def test_what_a_select_writes_is_undone_by_a_rollback(make_engine: MakeEngine, round_: int) -> None:
    with make_engine().connect() as connection:
        assert connection.scalar(text(WRITING_SELECT)) == 1
        connection.rollback()
        assert count(connection) == 0


@pytest.mark.parametrize("statement", DDL)
def test_ddl_is_refused_by_name(make_engine: MakeEngine, round_: int, statement: str) -> None:
    with make_engine().connect() as connection:
        add(connection, "kept")
        with pytest.raises(IsolationError, match=r"@pytest\.mark\.real_commits") as refused:
            connection.execute(text(statement))
        assert f"sent `{statement}`, which commits on MySQL" in refused.value.problem
        assert count(connection) == 1


@pytest.mark.real_commits
def test_ddl_is_for_tests_with_a_database_of_their_own(
    make_engine: MakeEngine, round_: int
) -> None:
    with make_engine().begin() as connection:
        connection.execute(text("CREATE TABLE made_in_a_test (name TEXT)"))


@pytest.mark.parametrize("statement", ELSEWHERE)
def test_other_databases_of_the_server_are_refused(
    make_engine: MakeEngine, round_: int, statement: str
) -> None:
    with make_engine().connect() as connection:
        with pytest.raises(DatabaseLockedError, match="named the database production in `"):
            connection.execute(text(statement))
        assert count(connection) == 0


@pytest.mark.real_commits
def test_other_databases_are_refused_with_real_commits(
    make_engine: MakeEngine, round_: int
) -> None:
    with make_engine().connect() as connection:
        raw: Any = connection.connection.driver_connection
        with pytest.raises(DatabaseLockedError, match="named the database production in `"):
            connection.execute(text("DELETE FROM production.users"))
        with pytest.raises(DatabaseLockedError, match="named the database production in `"):
            raw.select_db("production")


@pytest.mark.parametrize("statement", AT_HOME)
def test_statements_that_stay_in_the_database(
    make_engine: MakeEngine, round_: int, statement: str
) -> None:
    with make_engine().connect() as connection:
        connection.execute(text(statement)).all()


def test_a_temporary_table(make_engine: MakeEngine, round_: int) -> None:
    with make_engine().begin() as connection:
        connection.execute(text("CREATE TEMPORARY TABLE scratch (name TEXT)"))
        add(connection, "kept")
        connection.execute(text("DROP TEMPORARY TABLE scratch"))
        assert count(connection) == 1


def test_the_drivers_own_calls(make_engine: MakeEngine, round_: int) -> None:
    engine = make_engine()
    fairy = engine.raw_connection()
    raw: Any = fairy.driver_connection
    insert = "INSERT INTO test_harness_canary VALUES (%s)"
    with raw.cursor() as cursor:
        raw.begin()
        cursor.execute(insert, ["one"])
        raw.commit()
        cursor.execute(insert, ["undone"])
        raw.rollback()
        cursor.executemany(insert, [["two"], ["three"]])
        raw.autocommit(False)
        cursor.execute(insert, ["four"])
        raw.autocommit(True)
    with raw.cursor(SSCursor) as cursor:
        cursor.execute("SELECT name FROM test_harness_canary")
        assert cursor.fetchone() is not None
    raw.query("INSERT INTO test_harness_canary VALUES ('five')")
    raw.commit()
    fairy.close()
    with engine.connect() as connection:
        assert count(connection) == 5


@pytest.mark.parametrize("driver", ["mysqldb", "mysqlconnector"])
def test_pymysql_stands_in_for_others(make_engine: MakeEngine, round_: int, driver: str) -> None:
    engine = make_engine(driver)
    with engine.begin() as connection:
        add(connection, "kept")
    with make_engine().connect() as connection:
        assert count(connection) == 1
    with engine.connect() as connection, pytest.raises(IntegrityError):
        add(connection, "kept")


def test_tables_are_looked_for_in_the_database_that_an_engine_is_led_to(
    make_engine: MakeEngine, round_: int
) -> None:
    """As when an engine was used in another database before: that of the migrations."""
    engine = make_engine()
    with engine.connect() as connection:
        assert inspect(connection).has_table("test_harness_canary")
    engine.dispose()
    engine.dialect.default_schema_name = "another"
    with engine.connect() as connection:
        assert inspect(connection).has_table("test_harness_canary")
