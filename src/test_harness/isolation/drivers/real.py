"""Drivers: one module per database engine, each with what its drivers need of the harness.

A module has `connect`, which opens a connection whose class leaves ending a transaction to the
harness once tests share it (`guards.py`), and `share`, which takes that connection over.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect
from sqlalchemy.util import await_only, greenlet_spawn

from test_harness.databases.database import engine_of
from test_harness.errors import IsolationError
from test_harness.isolation.drivers.set_up import SetUp
from test_harness.isolation.raw import Shared
from test_harness.lock.callers import caller

Result = TypeVar("Result")

# Before 2.1 SQLAlchemy lets synchronous code use an asynchronous driver with it, as `env.py` does.
FALLBACK = "async_fallback"


class RealConnection:
    """One connection to the database, and the faces it has for the drivers that share it.

    Its own transactions are off: BEGIN and ROLLBACK are the harness's alone.

    Args:
        dialect: The dialect that opened the connection.
        connection: The DBAPI connection as SQLAlchemy knows it, an adapter for async drivers.
    """

    loop: asyncio.AbstractEventLoop | None = None
    """The event loop that the connection is bound to, None when it can be used from any."""

    begins_by_itself = True
    """Whether the driver begins a transaction with the first statement, as DBAPI has it."""

    replaces_savepoints = False
    """Whether a savepoint takes the place of the one that has its name."""

    one_at_a_time = True
    """Whether a statement that is sent has those of other threads wait."""

    def __init__(self, dialect: Dialect, connection: DBAPIConnection) -> None:
        self.dbapi: Any = dialect.loaded_dbapi
        self.faces = {face_key(dialect): connection}
        self.native: Any = connection.driver_connection if dialect.is_async else connection
        # Where tasks use it, if any do.
        self.loop_of_tasks = running_loop() if dialect.is_async else None
        type(dialect).set_isolation_level(dialect, connection, "AUTOCOMMIT")
        self.set_up = SetUp(self.native)
        """What the driver's connection is like between tests."""

    def face(self, dialect: Dialect) -> DBAPIConnection | None:
        """Return the connection as a dialect uses it, None when its driver cannot."""
        return self.faces.get(face_key(dialect))

    def guard(self, shared: Shared | None) -> None:
        """Hand what is done past SQLAlchemy to `shared`; None lets it through again."""
        self.native.shared = shared

    def execute(self, *statements: str) -> None:
        """Run the statements; for an asynchronous driver, from within a SQLAlchemy greenlet."""
        raise NotImplementedError

    def switch(self, statement: str) -> None:
        """Have what is sent next be sent as another, if there is a statement for that.

        Asynchronous drivers do so themselves.
        """

    def from_outside(self, function: Callable[[], None]) -> None:
        """Call a function that executes statements, from synchronous code or from a greenlet."""
        function()

    def beside_tasks(self, function: Callable[[], None]) -> None:
        """Call such a function while tasks that use the connection go on."""
        loop = self.loop_of_tasks
        if loop is None or loop.is_closed() or running_loop() is not None:
            function()
        else:
            loop.run_until_complete(greenlet_spawn(function))

    def in_transaction(self) -> bool:
        """Tell whether a transaction is open, as far as the driver knows."""
        return True

    def has_deferred_constraints(self) -> bool:
        """Tell whether the schema has constraints that are checked when a transaction ends."""
        return False

    def check_deferred_constraints(self) -> None:
        """Raise the driver's IntegrityError when one of them does not hold."""

    def close(self) -> None:
        """Close the connection, from synchronous code."""
        self.native.close()

    def end(self, lock: AbstractContextManager[Any]) -> None:
        """Close the connection when no other thread awaits an answer on it.

        Args:
            lock: What whoever does so holds.
        """
        with lock:
            self.guard(None)
            self.close()

    async def close_in_loop(self) -> None:
        """Close what belongs to the event loop that is about to end."""


class AsyncConnection(RealConnection):
    """A connection of a driver that can be spoken to from its event loop alone."""

    def __init__(self, dialect: Dialect, connection: DBAPIConnection) -> None:
        super().__init__(dialect, connection)
        self.loop = asyncio.get_running_loop()
        # An event loop closes the generators it has begun before it ends.
        self._closing = self._close_with_loop()
        await_only(anext(self._closing))

    def execute(self, *statements: str) -> None:
        await_only(self._send(statements))

    def from_outside(self, function: Callable[[], None]) -> None:
        assert self.loop is not None
        if self.loop is running_loop():
            function()  # Called by a greenlet of SQLAlchemy's, which can wait for it.
        elif not self.loop.is_closed():
            self.loop.run_until_complete(greenlet_spawn(function))

    def close(self) -> None:
        """Do nothing: with its event loop the connection has ended."""

    async def _close_with_loop(self) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await self.close_in_loop()

    async def _send(self, statements: Sequence[str]) -> None:
        raise NotImplementedError

    def _translated(self, send: Awaitable[Result]) -> Awaitable[Result]:
        """Await `send` and raise the driver's errors as those of the DBAPI."""
        (adapter,) = self.faces.values()

        async def sent() -> Result:
            try:
                return await send
            except Exception as error:  # raised again, as the DBAPI has it
                adapter._handle_exception(error)
                raise

        return sent()


_KNOWN = {
    "sqlite": ("pysqlite", "aiosqlite"),
    "postgresql": ("psycopg", "psycopg2", "asyncpg"),
    "mysql": ("pymysql", "mysqldb", "asyncmy", "aiomysql"),
}


def connect(
    dialect: Dialect, arguments: Sequence[Any], parameters: Mapping[str, Any]
) -> DBAPIConnection:
    """Open a connection of its own for an engine, guarded but not shared yet.

    Raises:
        IsolationError: No test can share connections of that driver.
    """
    known = _KNOWN[engine_of(dialect.name)]
    if dialect.driver not in known:
        raise IsolationError(
            f"{caller()} connects by {dialect.name}+{dialect.driver}, and the harness knows "
            f"{', '.join(known)}.",
            "Name one of these drivers in the address that tests use, in test.env.",
        )
    opened: DBAPIConnection = _module(dialect).connect(dialect, arguments, dict(parameters))
    return opened


def share(dialect: Dialect, connection: DBAPIConnection) -> RealConnection:
    """Take over a connection that `connect` opened, to be shared by all engines of its kind."""
    taken: RealConnection = _module(dialect).share(dialect, connection)
    return taken


def face_key(dialect: Dialect) -> tuple[str, bool]:
    """Return what tells one kind of DBAPI connection from another."""
    # pymysql stands in for mysqlclient, so that connections of both are the same.
    driver = "pymysql" if dialect.driver == "mysqldb" else dialect.driver
    return driver, dialect.is_async


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop this code runs in, None outside of one."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def created_by(
    creator: Callable[[], Awaitable[Any]], dialect: Dialect, *, fallback: Any = False
) -> DBAPIConnection:
    """Return the adapter that an asynchronous dialect makes of a native connection.

    Args:
        creator: Opens the native connection.
        dialect: The dialect.
        fallback: What the address says of FALLBACK.
    """
    given = {FALLBACK: fallback} if fallback else {}
    return dialect.connect(async_creator_fn=lambda *args, **kwargs: creator(), **given)


def _module(dialect: Dialect) -> Any:
    return importlib.import_module(f"test_harness.isolation.drivers.{engine_of(dialect.name)}")
