"""Rows that travel through the history: made before a revision, looked for after it.

They are made for the schema as it is at that moment, in every table that can be filled, and read
only where a statement of the revision may have reached.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping
from contextlib import nullcontext
from types import MappingProxyType
from typing import Any, TypeAlias

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from test_harness.errors import first_line
from test_harness.migrations.snapshot import ForeignKey, Snapshot, Table
from test_harness.migrations.values import PROFILES, at_bound, bounds, choices, literal

ROWS_PER_TABLE = 2
# How many rows more a table may get, for values that two rows do not hold.
MORE_ROWS = 12

Row: TypeAlias = dict[str, Any]
Content: TypeAlias = dict[str, list[Row]]


class Rows:
    """The rows of one walk.

    Args:
        connection: The connection that `env.py` made.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._preparer = connection.dialect.identifier_preparer
        # Elsewhere a statement that fails leaves its transaction as it was.
        self._is_spoilt = connection.dialect.name == "postgresql"
        self.content: Content = {}
        self._numbers = itertools.count()
        self._is_late = False
        self._bounds: dict[str, set[tuple[str, str, int]]] = {}
        self.empty: dict[str, str] = {}
        """Tables that could not be filled, and why."""

    def fill(self, snapshot: Snapshot, tables: Collection[str], *, is_late: bool = False) -> None:
        """Put rows into tables that have none, parents before their children.

        Args:
            snapshot: The schema as it is.
            tables: Those that are tried once more after they could not be filled.
            is_late: Whether tables may be older than this, and revisions may have seen to it that
                columns which may be empty are not, or that a value is held no more.
        """
        self._is_late = is_late
        waiting = [
            name
            for name in snapshot
            if name and not self.content.get(name) and (name in tables or name not in self.content)
        ]
        while waiting:
            ready = [
                name for name in waiting if not self._lacks_parent(snapshot[name], name, waiting)
            ]
            for name in ready:
                self._fill_table(snapshot, name)
            if not ready:
                self.content |= {name: [] for name in waiting}
                self.empty |= dict.fromkeys(waiting, "its foreign keys lead round in a circle")
                break
            waiting = [name for name in waiting if name not in ready]

    def complete(self, before: Snapshot, after: Snapshot, tables: Iterable[str]) -> None:
        """Read anew what a revision may have changed, and give the columns it added a value.

        The first row gets it, where its key tells it from the others: those stay without, as rows
        do that are there before a column.
        """
        self.content = {name: rows for name, rows in self.content.items() if name in after}
        for name in self.content.keys() & set(tables):
            table = after[name]
            added = [
                key
                for key, column in table.columns.items()
                if key not in before[name].columns and column.nullable and not column.computed
            ]
            values = {key: self._value(after, table, key, 1, PROFILES[0]) for key in added}
            given = {key: value for key, value in values.items() if value not in {None, "NULL"}}
            if given and self.content[name]:
                changes = ", ".join(
                    f"{self._quoted(key)} = COALESCE({self._quoted(key)}, {value})"
                    for key, value in given.items()
                )
                first = self._first(table, name)
                # A unique column takes no second row of the same value: then it stays as it is.
                self._tried(f"UPDATE {self._quoted(name)} SET {changes}{first}")  # noqa: S608
            self.content |= self.read([name])
            is_new = table.things != before[name].things or before.get("") is not after.get("")
            if is_new and self.content[name]:
                self._vary(after, name, before)

    def read(self, tables: Iterable[str]) -> Content:
        """Return what these tables hold."""
        # What PostgreSQL has prepared cannot be run any more when a column has another type.
        asked = {
            name: f"SELECT * FROM {self._quoted(name)}"  # noqa: S608
            + (f" /* {next(self._numbers)} */" if self._is_spoilt else "")
            for name in tables
        }
        return {
            name: [dict(row) for row in self._connection.exec_driver_sql(statement).mappings()]
            for name, statement in asked.items()
        }

    def _fill_table(self, snapshot: Snapshot, name: str) -> None:
        self.content |= self.read([name])
        if self.content[name]:
            return
        for number in range(1, ROWS_PER_TABLE + 1):
            # The last one is empty where it can be.
            is_last = number == ROWS_PER_TABLE and not self._is_late
            sparse = [(PROFILES[0], True)] if is_last else []
            for profile, is_sparse in [*sparse, *((profile, False) for profile in PROFILES)]:
                problem = self._insert(snapshot, name, number, profile, is_sparse=is_sparse)
                if not problem:
                    self.empty.pop(name, None)
                    break
                if number == 1:
                    self.empty[name] = problem
        self.content |= self.read([name])
        if self.content[name] and not self._is_late:
            self._vary(snapshot, name)

    def _vary(self, snapshot: Snapshot, name: str, before: Snapshot | None = None) -> None:
        """Add rows that hold each value of an enum, and those that a CHECK only just accepts.

        What was possible before a revision is not added anew: rows may have been rid of it.
        """
        table, rows = snapshot[name], self.content[name]
        missing: dict[str, list[str]] = {}
        for key in table.columns:
            held = {f"{row.get(key)}" for row in rows}
            if before is not None and key in before[name].columns:
                held |= {_unquoted(it) for it in choices(before, before[name], key)}
            every = choices(snapshot, table, key)
            missing[key] = [it for it in every if _unquoted(it) not in held]
        variants: list[dict[str, str | None]] = [
            {key: labels[at] for key, labels in missing.items() if at < len(labels)}
            for at in range(max(map(len, missing.values())))
        ]
        known = self._bounds.setdefault(name, set())
        for bound in bounds(table):
            if bound not in known:
                known.add(bound)
                variants.append({bound[0]: at_bound(table, *bound)})
        number = len(rows)
        for variant in variants:
            if number >= MORE_ROWS or None in variant.values():
                continue
            problem = self._insert(snapshot, name, number + 1, PROFILES[0], variant)
            if problem:
                problem = self._insert(snapshot, name, number + 1, PROFILES[1], variant)
            number += not problem
        if number > len(rows):
            self.content |= self.read([name])

    def _insert(
        self,
        snapshot: Snapshot,
        name: str,
        number: int,
        profile: str,
        variant: Mapping[str, str | None] = MappingProxyType({}),
        *,
        is_sparse: bool = False,
    ) -> str:
        """Insert a row, and return why that failed, empty when it did not."""
        table = snapshot[name]
        values = {
            key: "NULL"
            if is_sparse and column.nullable
            else variant.get(key) or self._value(snapshot, table, key, number, profile)
            for key, column in table.columns.items()
            if not column.computed
        }
        given = {key: value for key, value in values.items() if value is not None}
        columns = ", ".join(map(self._quoted, given))
        return self._tried(
            f"INSERT INTO {self._quoted(name)} ({columns}) "  # noqa: S608
            f"VALUES ({', '.join(given.values())})"
        )

    def _first(self, table: Table, name: str) -> str:
        """Return what tells the first row from the others, empty where nothing does."""
        key = _primary(table)
        value = self.content[name][0].get(key)
        has_key = any(thing.startswith("primary key (") for thing in table.things)
        return f" WHERE {self._quoted(key)} = {value}" if has_key and isinstance(value, int) else ""

    def _value(
        self, snapshot: Snapshot, table: Table, key: str, number: int, profile: str
    ) -> str | None:
        for foreign in table.keys:
            if key in foreign.columns:
                if foreign.table not in self.content or snapshot.get(foreign.table) is table:
                    return "NULL"
                referred = foreign.referred[foreign.columns.index(key)] or _primary(
                    snapshot[foreign.table]
                )
                column = self._quoted(referred)
                parents = len(self.content[foreign.table])
                offset = number - 1 if number <= ROWS_PER_TABLE else (number - 1) % (parents or 1)
                return (
                    f"(SELECT {column} FROM {self._quoted(foreign.table)} "  # noqa: S608
                    f"ORDER BY {column} LIMIT 1 OFFSET {offset})"
                )
        return literal(snapshot, table, key, number, profile)

    def _lacks_parent(self, table: Table, name: str, waiting: Collection[str]) -> bool:
        return any(
            key.table in waiting and key.table != name and not _is_optional(table, key)
            for key in table.keys
        )

    def _tried(self, statement: str) -> str:
        """Run a statement that may fail, and return why it did, empty when it did not."""
        try:
            with self._connection.begin_nested() if self._is_spoilt else nullcontext():
                self._connection.exec_driver_sql(statement)
        except DBAPIError as error:
            return first_line(error)
        return ""

    def _quoted(self, name: str) -> str:
        return ".".join(self._preparer.quote(part) for part in name.split("."))


def _is_optional(table: Table, key: ForeignKey) -> bool:
    return all(table.columns[name].nullable for name in key.columns if name in table.columns)


def _unquoted(literal: str) -> str:
    return literal[1:-1].replace("''", "'")


def _primary(table: Table) -> str:
    keys = [name for name in table.things if name.startswith("primary key (")]
    return keys[0][len("primary key (") : -1].split(",")[0] if keys else next(iter(table.columns))
