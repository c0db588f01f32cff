"""Numbers of rows that no two tables share.

A request that names the post where the comment is meant is granted as long as both happen to have
the same number, and refused in the next world. Where requests are looked for, no two have.
"""

from __future__ import annotations

from itertools import count
from typing import Any

from sqlalchemy import Integer, SmallInteger, inspect
from sqlalchemy.orm import Mapper

from test_harness.factories.mapped import counted_column

# Above what a table has, and below what an integer takes, for all tables that there may be.
_FIRST, _STEP = 500_000, 1_000
_numbers: dict[str, count[int]] = {}


def set_apart(row: Any) -> None:
    """Give a row that is not written yet a number of its own, where the database would give it one.

    Args:
        row: As its factory made it.
    """
    state: Any = inspect(row)
    key = _number_of(state.mapper) if state.pending else ""
    # To ask the row for it would have it written.
    if key and row.__dict__.get(key) is None:
        table = str(state.mapper.local_table)
        start = _FIRST + _STEP * len(_numbers)
        setattr(row, key, next(_numbers.setdefault(table, count(start))))


def _number_of(mapper: Mapper[Any]) -> str:
    """Return the attribute that the database counts up; empty where there is none."""
    column = counted_column(mapper.local_table)
    if column is None or mapper.inherits is not None:
        return ""
    is_counted = isinstance(column.type, Integer) and not isinstance(column.type, SmallInteger)
    has_own = column.identity is not None and column.identity.always
    return mapper.get_property_by_column(column).key if is_counted and not has_own else ""
