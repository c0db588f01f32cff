"""Driver connections that leave ending a transaction, and closing, to the harness.

SQLAlchemy's own commits are taken over in its dialect (`seam.py`). These are for code that works on
the driver's connection: `engine.raw_connection()`, COPY, `connection.close()`. They are subclasses,
so that `isinstance` and the driver's C code see what they expect.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect

from harness.transactions import SharedConnection


class Guarded:
    """Mixed into a driver's connection class; does nothing until `shared` is set."""

    shared: SharedConnection | None = None

    def cursor(self, *args: Any, **kwargs: Any) -> Any:
        """Return a cursor, whose statements are part of a transaction that can be rolled back."""
        if self.shared is not None:
            self.shared.before_raw_cursor()
        return super().cursor(*args, **kwargs)  # type: ignore[misc]

    def commit(self) -> None:
        """Keep what was done, until the test ends."""
        if self.shared is None:
            super().commit()  # type: ignore[misc]
        else:
            self.shared.raw_commit()

    def rollback(self) -> None:
        """Undo what was done since the last commit."""
        if self.shared is None:
            super().rollback()  # type: ignore[misc]
        else:
            self.shared.raw_rollback()

    def close(self) -> None:
        """Close the connection, unless tests share it."""
        if self.shared is None:
            super().close()  # type: ignore[misc]


class GuardedSQLite(Guarded, sqlite3.Connection):
    """The connection of the standard library."""


def guard_arguments(dialect: Dialect) -> dict[str, Any]:
    """Return what makes a driver's `connect` use a guarded class, where it can be told to."""
    if dialect.driver == "pysqlite":
        return {"factory": GuardedSQLite}
    if dialect.driver == "psycopg2":
        return {"connection_factory": _guarded_psycopg2()}
    return {}


def connect_function(dialect: Dialect) -> Callable[..., DBAPIConnection]:
    """Return the function that opens a connection of this dialect."""
    if dialect.driver == "psycopg" and not dialect.is_async:
        connect: Callable[..., DBAPIConnection] = _guarded_psycopg().connect
        return connect
    return dialect.connect


@cache
def _guarded_psycopg2() -> type[Any]:
    from psycopg2.extensions import connection

    class GuardedPsycopg2(Guarded, connection):  # type: ignore[misc]
        """The connection of psycopg2."""

        def cursor(self, *args: Any, **kwargs: Any) -> Any:
            # A named cursor is for a transaction that psycopg2 knows of, or has to outlive it.
            if args or kwargs.get("name"):
                kwargs.setdefault("withhold", True)
            return super().cursor(*args, **kwargs)

    return GuardedPsycopg2


@cache
def _guarded_psycopg() -> type[Any]:
    from psycopg import Connection

    return type("GuardedPsycopg", (Guarded, Connection), {})
