"""SQLite's drivers, pysqlite and aiosqlite, which share one connection of the standard library."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import cache
from threading import Thread
from typing import Any, Literal

from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect
from sqlalchemy.util import await_only

from test_harness.isolation.drivers.guards import Guarded
from test_harness.isolation.drivers.real import (
    FALLBACK,
    RealConnection,
    created_by,
    face_key,
    running_loop,
)
from test_harness.isolation.drivers.set_up import SetUp
from test_harness.isolation.outer import begin_after_the_test, begin_again

# What a `connect` listener that sets `synchronous` or the journal is told within one.
NOT_IN_A_TRANSACTION = re.compile(r"(?:inside|within) a transaction")


class GuardedSQLiteCursor(sqlite3.Cursor):
    """The cursor of the standard library, whose scripts would commit before they begin.

    Threads take turns here: one that waits for SQLite while it holds Python's global lock would
    wait forever for one that SQLite has call a function of Python.
    """

    connection: Any

    def execute(self, statement: str, *args: Any) -> Any:
        shared = self.connection.shared
        if shared is None:
            return super().execute(statement, *args)
        with shared.lock:
            if not self.connection.in_transaction:
                begin_after_the_test(shared)
            try:
                return self if shared.raw.takes(statement) else super().execute(statement, *args)
            except sqlite3.Error as error:
                begin_again(shared)
                # The first engine that connected has said so before the transaction began.
                if shared.connecting and NOT_IN_A_TRANSACTION.search(str(error)):
                    return self
                raise

    def executemany(self, statement: str, *args: Any) -> Any:
        shared = self.connection.shared
        if shared is None:
            return super().executemany(statement, *args)
        with shared.lock:
            if not self.connection.in_transaction:
                begin_after_the_test(shared)
            shared.raw.takes(statement)
            try:
                return super().executemany(statement, *args)
            except sqlite3.Error:
                begin_again(shared)
                raise

    def __next__(self) -> Any:
        with self._turn():
            return super().__next__()

    def fetchone(self) -> Any:
        with self._turn():
            return super().fetchone()

    def fetchmany(self, *args: Any, **kwargs: Any) -> Any:
        with self._turn():
            return super().fetchmany(*args, **kwargs)

    def fetchall(self) -> Any:
        with self._turn():
            return super().fetchall()

    def _turn(self) -> Any:
        shared = self.connection.shared
        return nullcontext() if shared is None else shared.lock

    def executescript(self, script: str) -> Any:
        if self.connection.shared is None:
            return super().executescript(script)
        statement = ""
        for part in re.split("(?<=;)", script):
            statement += part
            if sqlite3.complete_statement(statement):
                self.execute(statement)
                statement = ""
        return self.execute(statement)


class GuardedSQLite(Guarded, sqlite3.Connection):
    """The connection of the standard library."""

    def cursor(self, factory: Any = GuardedSQLiteCursor) -> Any:
        return super().cursor(factory)

    def execute(self, *args: Any) -> Any:
        return self.cursor().execute(*args)

    def executemany(self, *args: Any) -> Any:
        return self.cursor().executemany(*args)

    def executescript(self, *args: Any) -> Any:
        return self.cursor().executescript(*args)

    def __exit__(self, kind: Any, error: Any, trace: Any) -> Literal[False]:
        if self.shared is None:
            super().__exit__(kind, error, trace)
        elif kind is None:
            self.commit()
        else:
            self.rollback()
        return False

    # To set either of them commits, as the library has it.
    @property
    def isolation_level(self) -> Any:
        return super().isolation_level

    @isolation_level.setter
    def isolation_level(self, value: Any) -> None:
        self._set_control("isolation_level", value, commits=value is None)

    @property
    def autocommit(self) -> Any:
        # There from Python 3.12 on; who asks before whether it is gets the answer of the library.
        return super().autocommit  # type: ignore[misc]

    @autocommit.setter
    def autocommit(self, value: Any) -> None:
        self._set_control("autocommit", value, commits=value is True)

    def _set_control(self, name: str, value: Any, *, commits: bool) -> None:
        if self.shared is None:
            getattr(sqlite3.Connection, name).__set__(self, value)
        elif commits:
            self.commit()

    def blobopen(self, *args: Any, **kwargs: Any) -> Any:
        if self.shared is not None:
            self.shared.raw.begin()
            self.shared.raw.takes(None)
        return super().blobopen(*args, **kwargs)

    def create_collation(self, *args: Any, **kwargs: Any) -> None:
        self.note_setting("create_collation()")
        super().create_collation(*args, **kwargs)

    def create_aggregate(self, *args: Any, **kwargs: Any) -> None:
        self.note_setting("create_aggregate()")
        super().create_aggregate(*args, **kwargs)

    def set_authorizer(self, *args: Any, **kwargs: Any) -> None:
        self.note_setting("set_authorizer()")
        super().set_authorizer(*args, **kwargs)

    def set_progress_handler(self, *args: Any, **kwargs: Any) -> None:
        self.note_setting("set_progress_handler()")
        super().set_progress_handler(*args, **kwargs)

    def setlimit(self, *args: Any, **kwargs: Any) -> Any:
        self.note_setting("setlimit()")
        return super().setlimit(*args, **kwargs)

    def create_function(self, name: str, narg: int, *args: Any, **kwargs: Any) -> None:
        """Register a function for use in SQL, as SQLAlchemy does whenever it connects."""
        functions = self.__dict__.setdefault("functions", set())
        if (name, narg) not in functions:
            self.note_setting(f"create_function({name!r}, ...)")
        try:
            with nullcontext() if self.shared is None else self.shared.lock:
                super().create_function(name, narg, *args, **kwargs)
        except sqlite3.OperationalError:
            # While a statement runs none can be replaced: then the one of its name stays.
            if (name, narg) not in functions:
                raise
        functions.add((name, narg))


def connect(
    dialect: Dialect, arguments: Sequence[Any], parameters: dict[str, Any]
) -> DBAPIConnection:
    # Frameworks run synchronous endpoints in threads, and aiosqlite has one of its own.
    given = {**parameters, "factory": GuardedSQLite, "check_same_thread": False}
    if dialect.is_async:
        fallback = given.pop(FALLBACK, False)
        return _aiosqlite(dialect, lambda: sqlite3.connect(*arguments, **given), fallback)
    return dialect.connect(*arguments, **given)


def share(dialect: Dialect, connection: DBAPIConnection) -> RealConnection:
    return SQLiteConnection(dialect, connection)


class SQLiteConnection(RealConnection):
    """One connection for every engine, whether it uses pysqlite or aiosqlite.

    What aiosqlite does in its thread, on this connection, is nothing but calls of the standard
    library, so the harness makes its own calls without the way through that thread.
    """

    # The cursor does that, in the thread of aiosqlite too, which would wait for its own caller.
    one_at_a_time = False

    def __init__(self, dialect: Dialect, connection: DBAPIConnection) -> None:
        super().__init__(dialect, connection)
        if dialect.is_async:
            self.native = self.native._conn
            self.set_up = SetUp(self.native)
        self._cursor = sqlite3.Cursor(self.native)

    def face(self, dialect: Dialect) -> DBAPIConnection | None:
        key = face_key(dialect)
        if key not in self.faces:
            made = _aiosqlite(dialect, lambda: self.native) if dialect.is_async else self.native
            self.loop_of_tasks = running_loop() if dialect.is_async else self.loop_of_tasks
            if self.faces.setdefault(key, made) is not made:
                # Another task of the loop was faster.
                await_only(made.driver_connection.close_unguarded())
        return self.faces[key]

    def execute(self, *statements: str) -> None:
        for statement in statements:
            self._cursor.execute(statement)

    def in_transaction(self) -> bool:
        return bool(self.native.in_transaction)

    def has_deferred_constraints(self) -> bool:
        self._cursor.execute("SELECT count(*) FROM sqlite_master WHERE sql LIKE '%DEFERRED%'")
        return bool(self._cursor.fetchone()[0])

    def check_deferred_constraints(self) -> None:
        (enforced,) = self._cursor.execute("PRAGMA foreign_keys").fetchone()
        broken = self._cursor.execute("PRAGMA foreign_key_check").fetchone()
        if enforced and broken:
            raise sqlite3.IntegrityError(
                f"FOREIGN KEY constraint failed: row {broken[1]} of {broken[0]} has no parent in "
                f"{broken[2]}"
            )

    def close(self) -> None:
        for (_, is_async), face in self.faces.items():
            # Versions before 0.22 have no `stop`, and do not warn of what is left open either.
            if is_async and hasattr(face.driver_connection, "stop"):
                face.driver_connection.stop()
                face.driver_connection._thread.join()
        super().close()

    async def close_in_loop(self) -> None:
        for (_, is_async), face in list(self.faces.items()):
            if is_async:
                await face.driver_connection.close_unguarded()
        self.faces.clear()


def _aiosqlite(
    dialect: Dialect, connector: Callable[[], sqlite3.Connection], fallback: Any = False
) -> DBAPIConnection:
    """Return aiosqlite's connection, as SQLAlchemy knows it, around one of the standard library."""

    def connection() -> Any:
        made = _guarded_aiosqlite()(connector, iter_chunk_size=64)
        # A thread that is left over must not keep the process alive.
        thread = made if isinstance(made, Thread) else made._thread
        thread.daemon = True
        return made

    return created_by(connection, dialect, fallback=fallback)


@cache
def _guarded_aiosqlite() -> type[Any]:
    from aiosqlite import Connection

    connection: Any = Connection

    class GuardedAiosqlite(connection):  # type: ignore[misc]
        """The connection of aiosqlite, whose thread serves every engine while tests share it."""

        async def _execute(self, *args: Any, **kwargs: Any) -> Any:
            # In a child made by fork nobody would answer: its thread is the parent's.
            if (shared := getattr(self._connection, "shared", None)) is not None:
                shared.real.in_transaction()
            return await super()._execute(*args, **kwargs)

        async def close(self) -> None:
            if getattr(self._connection, "shared", None) is None:
                await super().close()

        def stop(self) -> Any:
            if getattr(self._connection, "shared", None) is None:
                return super().stop()
            return None

        async def close_unguarded(self) -> None:
            """End the thread; the connection inside stays open, for whoever else uses it."""
            await super().close()

    return GuardedAiosqlite
