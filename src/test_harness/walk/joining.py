"""Tables that stand between two classes, such as of tags, with a class of their own or without."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table, delete, insert, inspect
from sqlalchemy.exc import SQLAlchemyError

from test_harness.factories.base import bound_session
from test_harness.walk.models import Model
from test_harness.walk.visit import Row


@dataclass(frozen=True)
class Join:
    """What joins rows of a class to those of another.

    Args:
        table: Has a row for each pair.
        own: Its columns that lead to the class, each with the column that it leads to.
        other: The table that it joins them to.
        others: Its columns that lead there.
    """

    table: Table
    own: tuple[tuple[Column[Any], Column[Any]], ...]
    other: Table
    others: tuple[tuple[Column[Any], Column[Any]], ...]


def joins_of(links: Mapping[type[Any], Any], model: Model) -> Iterator[Join]:
    """Yield what joins a class to others.

    Args:
        links: By the mapped classes, all of which are asked.
        model: The class.
    """
    between: dict[Table, None] = {}
    for kind in links:
        for one in inspect(kind).relationships:
            if isinstance(one.secondary, Table):
                between.setdefault(one.secondary)
        table = inspect(kind).local_table
        if isinstance(table, Table) and _is_pair(table):
            between.setdefault(table)
    for table in between:
        ends = [
            (one.referred_table, tuple((it.parent, it.column) for it in one.elements))
            for one in table.foreign_key_constraints
        ]
        for target, own in ends:
            for other, others in ends:
                if target is model.table and other is not target:
                    yield Join(table, own, other, others)


def _is_pair(table: Table) -> bool:
    """Tell whether rows of a table say no more than that two others belong together."""
    keys = [one for one in table.columns if one.foreign_keys]
    return len(table.foreign_key_constraints) == 2 and {*table.primary_key.columns} == {*keys}


def link(join: Join, row: Row, other: Row, ours: Mapping[str, Row]) -> bool:
    """Join a row to another, and tell whether the database takes that.

    Args:
        join: What joins them.
        row: The one.
        other: The other.
        ours: Has what a row of the table says besides.
    """
    values = {own: row[to.name] for own, to in join.own}
    values |= {own: other[to.name] for own, to in join.others}
    like = ours.get(join.table.fullname, {})
    keys = {one.name for one in (*join.table.primary_key.columns, *values)}
    beside = {name: value for name, value in like.items() if name not in keys}
    taking = delete(join.table)
    for column, value in values.items():
        taking = taking.where(column == value)
    session = bound_session()
    try:
        with session.begin_nested():
            session.execute(taking)
            said = {column.name: value for column, value in values.items()}
            session.execute(insert(join.table).values({**beside, **said}))
    except (SQLAlchemyError, LookupError):
        return False
    return True
