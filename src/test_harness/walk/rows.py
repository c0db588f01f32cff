"""The rows of tables, and which of them are not what they were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

from sqlalchemy import Connection, Table, literal, select, type_coerce
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType

from test_harness.walk.touched import has_hidden_writes, tables, written_tables
from test_harness.walk.visit import Change, Statement

# A table with more rows has them from its migrations: it is not read each time.
MOST = 2000

Stored = Mapping[tuple[Any, ...], tuple[Any, ...]]
"""The rows of a table by their primary keys."""

_unreadable: set[Table] = set()
_plain: set[Table] = set()


# Whether the database behind an engine writes where no statement says so.
_hides: dict[Any, bool] = {}


class Rows:
    """The rows of tables as they are, read when they are asked for.

    Args:
        session: Knows which engine is for which table.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._kept: dict[Table, Stored] = {}

    def forget(self) -> None:
        """Read everything anew, because somebody has written."""
        self._kept.clear()

    def kept(self, wanted: Collection[Table]) -> Mapping[Table, Stored]:
        """Return the rows of tables, those that were read before as they were then.

        Args:
            wanted: The tables.
        """
        self._kept.update(self.read([it for it in wanted if it not in self._kept]))
        return {table: self._kept[table] for table in wanted if table in self._kept}

    def read(self, wanted: Collection[Table]) -> dict[Table, Stored]:
        """Return the rows of tables as they are now, on connections of their own.

        Args:
            wanted: The tables; those that are not there, or too large, are passed over.
        """
        found: dict[Table, Stored] = {}
        with ExitStack() as stack:
            connections: dict[Any, Connection] = {}
            for table in wanted:
                if table in _unreadable:
                    continue
                engine: Any = self._session.get_bind(clause=table)
                if engine not in connections:
                    connections[engine] = stack.enter_context(engine.connect())
                rows = _read(connections[engine], table)
                if rows is not None:
                    found[table] = rows
        return found

    def may_have_changed(
        self, statements: Iterable[Statement], *, unseen: bool
    ) -> Collection[Table]:
        """Return the tables that a request may have written to.

        Args:
            statements: What it sent.
            unseen: Whether it sent more, past SQLAlchemy.
        """
        return tables() if unseen or self._hides_writes() else written_tables(statements)

    def _hides_writes(self) -> bool:
        engines: dict[Any, None] = {}
        for table in tables():
            engine: Any = self._session.get_bind(clause=table)
            engines.setdefault(engine)
        for engine in engines:
            if engine not in _hides:
                with engine.connect() as connection:
                    _hides[engine] = has_hidden_writes(connection)
        return any(_hides[engine] for engine in engines)


def changes(before: Mapping[Table, Stored], after: Mapping[Table, Stored]) -> tuple[Change, ...]:
    """Return what became of each row that is not what it was."""
    return tuple(_changes(before, after))


def _changes(before: Mapping[Table, Stored], after: Mapping[Table, Stored]) -> Iterator[Change]:
    for table in sorted(before, key=lambda it: it.fullname):
        was, now = before[table], after.get(table, {})
        if _are_alike(was, now):
            continue
        names = [column.name for column in table.columns]
        for key in dict.fromkeys([*was, *now]):
            if key not in was or key not in now or not _are_alike(was[key], now[key]):
                old, new = (
                    dict(zip(names, rows[key], strict=True)) if key in rows else None
                    for rows in (was, now)
                )
                yield Change(table.fullname, key, old, new)


def _are_alike(one: Any, other: Any) -> bool:
    try:
        return bool(one == other)
    except ValueError:  # An array compares each of its elements.
        return repr(one) == repr(other)


def _read(connection: Connection, table: Table) -> Stored | None:
    """Return the rows of a table; None for one that is not there, or is too large."""
    statement: Any = _as_stored(table) if table in _plain else select(*table.columns)
    try:
        rows = [tuple(row) for row in connection.execute(statement.limit(MOST + 1))]
    except SQLAlchemyError:
        # Models may have more tables than migrations make; where nothing can be read, it is raised.
        connection.rollback()
        connection.scalar(select(literal(1)))
        rows = None
    except Exception:
        # A type of the application cannot read what is there.
        if table in _plain:
            raise
        _plain.add(table)
        return _read(connection, table)
    if rows is None or len(rows) > MOST:
        _unreadable.add(table)
        return None
    return _by_key(table, rows)


def _as_stored(table: Table) -> Any:
    return select(*(type_coerce(column, NullType()) for column in table.columns))


def _by_key(table: Table, rows: list[tuple[Any, ...]]) -> Stored:
    key = [index for index, column in enumerate(table.columns) if column.primary_key]
    if key:
        return {tuple(row[index] for index in key): row for row in rows}
    times = Counter[str]()
    found = {}
    for row in rows:
        said = repr(row)
        times[said] += 1
        found[(said, times[said])] = row
    return found
