"""The seam: the one place where every SQLAlchemy engine of the process is taken hold of.

`do_connect` on the `Engine` class fires for each connection attempt of each engine, whoever made
it and whenever, Alembic's `env.py` included. What is not the test database's dialect is refused;
the rest is led to the test database. While tests run, engines of one driver share one real
connection whose transactions are savepoints (`transactions.py`).

Source of the technique: SQLAlchemy, "Fully Replacing the DBAPI connect() function",
https://docs.sqlalchemy.org/en/20/core/engines.html#fully-replacing-the-dbapi-connect-function
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect, ExecutionContext
from sqlalchemy.pool import ConnectionPoolEntry, Pool, PoolProxiedConnection

from harness.callers import caller
from harness.databases import Database
from harness.drivers import Driver
from harness.errors import DatabaseLockedError, IsolationError
from harness.guards import Guarded, connect_function, guard_arguments
from harness.lock import permitted, shown_address
from harness.transactions import SharedConnection

# What an application may say about how it talks to a database, as opposed to which one it talks to.
CONNECT_ARGUMENTS_KEPT = {
    "charset",
    "detect_types",
    "init_command",
    "options",
    "prepare_threshold",
    "server_settings",
    "statement_cache_size",
}


class Seam:
    """Leads every engine to the test database, and keeps what tests write from lasting.

    Args:
        database: The test database.
        prepare: Called at each connection attempt, to create the database at the first one.
    """

    def __init__(self, database: Database, prepare: Callable[[], None]) -> None:
        self.database = database
        self._prepare = prepare
        self._shared: dict[str, SharedConnection] = {}
        self._seen: WeakSet[Dialect] = WeakSet()
        self._isolates = True
        self._records: WeakSet[ConnectionPoolEntry] = WeakSet()

    @property
    def isolates(self) -> bool:
        """Whether engines share the connection that is rolled back after each test."""
        return self._isolates

    def install(self) -> None:
        """Listen to every engine of the process, those that exist already included."""
        for target, name, listener in self._listeners():
            event.listen(target, name, listener)

    def uninstall(self) -> None:
        """Stop listening and close the real connections of synchronous drivers."""
        for target, name, listener in self._listeners():
            event.remove(target, name, listener)
        for shared in self._take(is_async=False):
            if isinstance(shared.driver.connection, Guarded):
                shared.driver.connection.shared = None
            shared.driver.close()

    async def close_in_loop(self) -> None:
        """Close the real connections of asynchronous drivers, before their event loop ends."""
        for shared in self._take(is_async=True):
            await shared.driver.close_in_loop()

    @contextmanager
    def real_connections(self, database: Database | None = None) -> Iterator[None]:
        """Within the block engines get connections of their own, with real commits.

        Args:
            database: Where they lead; the test database when None.
        """
        before = self.database, self._isolates
        self._switch(database or self.database, isolates=False)
        try:
            yield
        finally:
            self._switch(*before)

    def close_real_connections(self) -> None:
        """Close what pools have opened in `real_connections()`, before its database is dropped.

        For asynchronous engines this is to be called in a SQLAlchemy greenlet.
        """
        while self._records:
            self._records.pop().invalidate()

    def _switch(self, database: Database, isolates: bool) -> None:
        self.database, self._isolates = database, isolates
        # Pools keep what they opened before: have them connect anew at the next checkout.
        while self._records:
            self._records.pop().invalidate(soft=True)

    def prime(self, *, is_async: bool) -> None:
        """Have every engine connect once, so that its `connect` listeners run outside of a test.

        A PRAGMA does nothing inside a transaction, and a SET is undone with it. For asynchronous
        engines this is to be called in a SQLAlchemy greenlet.
        """
        for engine in (found for found in gc.get_objects() if issubclass(type(found), Engine)):
            dialect = engine.dialect
            if dialect.name == self.database.engine and dialect.is_async is is_async:
                engine.connect().close()

    def roll_back(self) -> None:
        """Undo everything that was written since the last call, on every driver."""
        for shared in self._shared.values():
            shared.end()

    def _connect(
        self,
        dialect: Dialect,
        record: ConnectionPoolEntry,
        cargs: list[Any],
        cparams: dict[str, Any],
    ) -> DBAPIConnection:
        __tracebackhide__ = True  # pytest would show the arguments, and the password among them
        if dialect.name != self.database.engine:
            raise DatabaseLockedError(
                f"{caller()} tried to reach a {dialect.name} database "
                f"({masked(dialect, cargs, cparams)}), which is not the test database "
                f"({self.database.shown}).",
                "Point it at the test database's engine in test.env, or override it in the test.",
            )
        self._prepare()
        self._take_over(dialect)
        self._records.add(record)
        if not self._isolates:
            return self._open(dialect, cparams)
        shared = self._shared.get(dialect.driver)
        if shared is None:
            connection = self._open(dialect, cparams)
            shared = self._share(dialect, connection)
        elif shared.driver.loop is not None and shared.driver.loop is not running_loop():
            raise IsolationError(
                f"{caller()} used the {dialect.driver} driver in a second event loop.",
                "Drive the application in the test's own loop (the `client` fixture does), "
                "not through a synchronous TestClient.",
            )
        # Until it is checked out, `connect` listeners set it up, outside of a transaction.
        shared.connecting = True
        return shared.driver.connection

    def _listeners(self) -> list[tuple[Any, str, Callable[..., Any]]]:
        return [
            (Engine, "do_connect", self._connect),
            (Pool, "checkout", self._checked_out),
        ]

    def _share(self, dialect: Dialect, connection: DBAPIConnection) -> SharedConnection:
        # The driver's own transactions off: BEGIN and ROLLBACK are the harness's alone.
        type(dialect).set_isolation_level(dialect, connection, "AUTOCOMMIT")
        driver = Driver(dialect, connection)
        driver.execute(*self.database.on_connect)
        shared = SharedConnection(driver)
        if isinstance(connection, Guarded):
            connection.shared = shared
        self._shared[dialect.driver] = shared
        return shared

    def _checked_out(self, connection: Any, record: Any, proxy: PoolProxiedConnection) -> None:
        shared = self._shared_by(connection)
        if shared is not None:
            shared.connecting = False

    def _open(self, dialect: Dialect, cparams: dict[str, Any]) -> DBAPIConnection:
        url = self.database.url(f"{dialect.name}+{dialect.driver}")
        arguments, parameters = dialect.create_connect_args(url)
        kept = {key: cparams[key] for key in CONNECT_ARGUMENTS_KEPT & cparams.keys()}
        kept |= self.database.connect_arguments(dialect) | guard_arguments(dialect)
        with permitted():
            return connect_function(dialect)(*arguments, **{**parameters, **kept})

    def _take(self, *, is_async: bool) -> list[SharedConnection]:
        taken = [shared for shared in self._shared.values() if shared.driver.is_async is is_async]
        for shared in taken:
            del self._shared[shared.driver.dialect.driver]
        return taken

    def _shared_by(self, connection: Any) -> SharedConnection | None:
        pooled = connection.connection if isinstance(connection, Connection) else connection
        real = getattr(pooled, "dbapi_connection", pooled)
        for shared in self._shared.values():
            if shared.driver.connection is real:
                return shared
        return None

    def _take_over(self, dialect: Dialect) -> None:
        """Replace the transaction control of one dialect instance, for shared connections only."""
        if dialect in self._seen:
            return
        self._seen.add(dialect)

        def replace(name: str, ours: Callable[..., Any]) -> None:
            original = getattr(dialect, name)

            def method(connection: Any, *rest: Any) -> Any:
                shared = self._shared_by(connection)
                return original(connection, *rest) if shared is None else ours(shared, connection)

            setattr(dialect, name, method)

        def pass_over(shared: SharedConnection, connection: Any) -> None:
            """Do nothing: the connection is the harness's to close and to configure."""

        def refuse_two_phase(shared: SharedConnection, connection: Any) -> None:
            raise IsolationError(
                f"{caller()} began a two-phase transaction, which outlives its connection and so "
                "cannot be rolled back after the test.",
                "Make the session without twophase=True in tests.",
            )

        def alive(shared: SharedConnection, connection: Any) -> bool:
            return True

        replace("do_begin", SharedConnection.begin)
        replace("do_commit", SharedConnection.commit)
        replace("do_rollback", SharedConnection.rollback)
        replace("do_ping", alive)
        replace("do_begin_twophase", refuse_two_phase)
        for name in ("do_close", "do_terminate", "set_isolation_level", "reset_isolation_level"):
            replace(name, pass_over)
        self._guard_statements(dialect)

    def _guard_statements(self, dialect: Dialect) -> None:
        """See to it that each statement runs within its transaction, whatever began it."""

        def replace(name: str) -> None:
            original = getattr(dialect, name)

            def method(cursor: Any, statement: str, *rest: Any) -> Any:
                context: ExecutionContext | None = rest[-1]
                shared = self._shared.get(dialect.driver) if self._isolates else None
                if shared is None or context is None or shared.connecting:
                    return original(cursor, statement, *rest)
                proxy = context.root_connection.connection
                shared.note_autocommit(proxy, _is_autocommit(context.root_connection))
                return shared.execute(proxy, statement, lambda: original(cursor, statement, *rest))

            setattr(dialect, name, method)

        for name in ("do_execute", "do_executemany", "do_execute_no_params"):
            replace(name)


def _is_autocommit(connection: Connection) -> bool:
    engine_level = getattr(connection.dialect, "_on_connect_isolation_level", None)
    level = connection.get_execution_options().get("isolation_level", engine_level)
    return bool(level == "AUTOCOMMIT")


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop this code runs in, None outside of one."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def masked(dialect: Dialect, cargs: list[Any], cparams: dict[str, Any]) -> str:
    """Return the target of a connection attempt as text, without its password."""
    # Elsewhere a positional argument is a connection string, which may hold a password.
    file = {"database": cargs[0]} if dialect.name == "sqlite" and cargs else {}
    return shown_address(dialect.name, {**cparams, **file})
