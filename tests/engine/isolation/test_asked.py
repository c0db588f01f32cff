"""MySQL is asked whether its transaction is there still, where a statement does not tell."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import create_engine

from test_harness.databases.database import make_database
from test_harness.databases.naming import RunName
from test_harness.errors import IsolationError, ProvisioningError
from test_harness.isolation.drivers import mysql
from test_harness.isolation.drivers.mysql_statements import may_commit
from test_harness.settings import DatabaseSettings


@pytest.fixture
def connection() -> Iterator[Any]:
    database = make_database(
        DatabaseSettings("mysql", "pymysql", "app:Base", ""),
        RunName("asked", str(os.getpid()), ""),
    )
    try:
        database.create()
    except ProvisioningError as error:
        pytest.skip(str(error))
    try:
        engine = create_engine(database.url("mysql+pymysql"))
        dialect = engine.dialect
        arguments, parameters = dialect.create_connect_args(engine.url)
        opened: Any = mysql.connect(dialect, arguments, dict(parameters))
        cursor = opened.cursor()
        cursor.execute("CREATE PROCEDURE show_both() BEGIN SELECT 1; SELECT 2; END")
        cursor.execute("CREATE PROCEDURE make_one() CREATE TABLE made (id INT)")
        cursor.execute("CREATE PROCEDURE begin_anew() BEGIN COMMIT; START TRANSACTION; END")
        cursor.execute("SET @made = 'CREATE TABLE made (id INT)'")
        cursor.execute("PREPARE made FROM @made")
        real = mysql.share(dialect, opened)
        real.execute("BEGIN")
        raw = SimpleNamespace(takes=lambda _: False, begin=lambda: None)
        opened.shared = SimpleNamespace(connecting=(), raw=raw, turn=nullcontext(), real=real)
        yield opened
        opened.shared = None
        opened.close()
    finally:
        database.drop()


@pytest.mark.parametrize("statement", ["EXECUTE made", "CALL make_one()", "CALL begin_anew()"])
def test_what_commits_by_another_name_is_told(connection: Any, statement: str) -> None:
    cursor = connection.cursor()
    with pytest.raises(IsolationError, match="which commits on MySQL and MariaDB"):
        cursor.execute(statement)
    assert not connection.shared.real.in_transaction()


def test_what_a_procedure_reads_is_all_there(connection: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("CALL show_both()")
    assert cursor.fetchall() == ((1,),)
    assert cursor.nextset()
    assert cursor.fetchall() == ((2,),)
    while cursor.nextset():
        pass
    assert connection.shared.real.in_transaction()
    cursor.execute("SELECT 3")
    assert cursor.fetchall() == ((3,),)


def test_what_fails_is_raised_as_it_is(connection: Any) -> None:
    with pytest.raises(connection.Error, match="does not exist"):
        connection.cursor().execute("CALL is_not_there()")
    assert connection.shared.real.in_transaction()


@pytest.mark.parametrize(
    ("statement", "may"),
    [
        ("/* why */ SELECT 1", False),
        (b"INSERT INTO items VALUES (1)", False),
        ("(SELECT 1) UNION (SELECT 2)", False),
        ("  ", False),
        ("# why\nCALL f()", True),
        ("XA END 'x'", True),
    ],
)
def test_most_is_not_asked_about(statement: str | bytes, may: bool) -> None:
    assert may_commit(statement) is may
