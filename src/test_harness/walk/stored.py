"""Rows as plain values, as the database has them once they are written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, and_, inspect, or_, select
from sqlalchemy.orm import Session

from test_harness.walk.links import Model
from test_harness.walk.visit import Row

Rows = Mapping[str, Row]
"""A row of each table by its name; a further class of one table stands under `table.Class`."""


def rows_of(
    session: Session, sides: Sequence[Mapping[Model, Any]], others: Sequence[Any]
) -> tuple[list[Rows], list[Row]]:
    """Return the rows of sides, and of further objects; each table is asked once.

    Args:
        session: Has written them.
        sides: Objects of each class.
        others: Objects.
    """
    made = [one for side in sides for one in side.values()]
    stored = iter(_rows(session, [*made, *others]))
    return [_by_table({model: next(stored) for model in side}) for side in sides], [*stored]


def key_of(table: Table, row: Row) -> tuple[Any, ...]:
    """Return the primary key of a row.

    Args:
        table: Its table.
        row: The row.
    """
    return tuple(row[column.name] for column in table.primary_key.columns)


def _rows(session: Session, objects: Sequence[Any]) -> list[Row]:
    """Return what the database has of objects; of a class that goes on from a base all of it."""
    rows: dict[int, dict[str, Any]] = {id(one): {} for one in objects}
    keys = {id(one): tuple(inspect(one).identity) for one in objects}
    by_table: dict[Table, list[Any]] = defaultdict(list)
    for one in objects:
        for table in inspect(type(one)).tables:
            if isinstance(table, Table):
                by_table[table].append(one)
    for table, of_table in by_table.items():
        names = [column.name for column in table.columns]
        found = _stored(session, table, {keys[id(one)] for one in of_table})
        # An object may still have the key as it was made: a UUID that the column keeps as text.
        alike = {_as_text(key): row for key, row in found.items()}
        for one in of_table:
            key = keys[id(one)]
            row = found[key] if key in found else alike[_as_text(key)]
            rows[id(one)].update(zip(names, row, strict=True))
    return [rows[id(one)] for one in objects]


def _as_text(key: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple(str(one).replace("-", "").lower() for one in key)


def _by_table(rows: Mapping[Model, Row]) -> Rows:
    found: dict[str, Row] = {}
    for model, row in rows.items():
        table: Table = inspect(model).local_table
        name = table.fullname
        found[f"{name}.{model.__name__}" if name in found else name] = row
    return found


def _stored(session: Session, table: Table, keys: set[Any]) -> Mapping[Any, Any]:
    """Return the rows of a table that have one of some keys, by their keys."""
    own = [*table.primary_key.columns]
    if len(own) == 1:
        is_one = own[0].in_([key for (key,) in keys])
    else:
        is_one = or_(*(and_(*(it == to for it, to in zip(own, key, strict=True))) for key in keys))
    columns = [*table.columns]
    places = [columns.index(column) for column in own]
    found = session.execute(select(*columns).where(is_one))
    return {tuple(row[place] for place in places): row for row in found}
