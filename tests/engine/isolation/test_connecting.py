"""What `connect` listeners do to a connection that tests share holds, as it does in production."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import create_engine

from test_harness.isolation.drivers import sqlite
from test_harness.isolation.transactions import SharedConnection


class Place:
    engine = "sqlite"


class Record:
    def __init__(self) -> None:
        self.record_info: dict[str, Any] = {}


@pytest.fixture
def shared() -> Iterator[SharedConnection]:
    dialect = create_engine("sqlite://").dialect
    place: Any = Place()
    real = sqlite.share(dialect, sqlite.connect(dialect, [":memory:"], {}))
    shared = SharedConnection(real, place, [])
    real.guard(shared)
    yield shared
    real.guard(None)
    real.close()


def commit(connection: Any) -> None:
    connection.commit()


def leave_transactions_to_sqlalchemy(connection: Any) -> None:
    connection.isolation_level = None


def set_autocommit(connection: Any) -> None:
    connection.autocommit = True


@pytest.mark.parametrize("first", [commit, leave_transactions_to_sqlalchemy, set_autocommit])
def test_a_listener_that_commits_begins_no_transaction(
    shared: SharedConnection, first: Callable[[Any], None]
) -> None:
    record: Any = Record()
    shared.begin_connecting(record)
    first(shared.real.native)
    # Which SQLite passes over within a transaction.
    shared.real.native.execute("PRAGMA foreign_keys = ON")
    assert shared.real.native.execute("PRAGMA foreign_keys").fetchone() == (1,)
    shared.end_connecting(record)
    assert not shared.begun


def test_autocommit_is_there_where_the_library_has_it(shared: SharedConnection) -> None:
    assert hasattr(shared.real.native, "autocommit") == hasattr(sqlite3.Connection, "autocommit")
