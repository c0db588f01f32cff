"""Rows that a pattern is about: those of the test, and those that its factory makes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table, inspect
from sqlalchemy.orm import Session

from test_harness.errors import HarnessError
from test_harness.factories.base import ModelFactory, bound_session, factory_for
from test_harness.walk.further import spread
from test_harness.walk.stored import key_of, rows_of
from test_harness.walk.visit import Change, Row


def made(source: Any, values: Mapping[str, Any], count: int) -> list[Row]:
    """Make rows in the session of the test, whose moments lie apart, and return them.

    Args:
        source: A factory, or a mapped class.
        values: What the factory is given.
        count: How many.
    """
    factory = source if issubclass(source, ModelFactory) else factory_for(source)
    session = bound_session()
    rows = factory.create_batch(count, **values)
    spread(session, table_of(rows[0]))
    return rows_of(session, [], rows)[1]


def stored(row: Any) -> Row:
    """Return what the database has of a row of the test."""
    return rows_of(bound_session(), [], [row])[1][0]


def read_again(session: Session) -> None:
    """Have the rows of the test be as they were: to go back has had the session forget them."""
    for row in list(session):
        if expired := inspect(row).expired_attributes:
            session.refresh(row, expired)


def table_of(row: Any) -> Table:
    """Return the table of an object.

    Raises:
        HarnessError: It is none of a mapped class.
    """
    state = inspect(row, raiseerr=False)
    if state is None or not getattr(state, "identity", None):
        raise HarnessError(
            f"{row!r} is no row that is in the database.",
            "Give what a factory made, or what the session has read.",
        )
    table: Table = state.mapper.local_table
    return table


def table_of_source(source: Any) -> Table:
    """Return the table of a factory, or of a mapped class."""
    meta = getattr(source, "_meta", None)
    table: Table = inspect(source if meta is None else meta.model).local_table
    return table


def change_of(table: Table, row: Row, changes: tuple[Change, ...]) -> Change | None:
    """Return what became of a row; None where nothing did."""
    key = key_of(table, row)
    return next((it for it in changes if it.table == table.fullname and it.key == key), None)


def said_row(table: Table, row: Row) -> str:
    """Return what to call a row: `items(3)`."""
    return f"{table.fullname}({', '.join(map(str, key_of(table, row)))})"
