"""The seam: the one place where every SQLAlchemy engine of the process is taken hold of.

`do_connect` on the `Engine` class fires for each connection attempt of each engine, whoever made
it and whenever, Alembic's `env.py` included. What is not of the test database's kind is refused;
the rest is led to the test database. While tests run, engines share one real connection whose
transactions are savepoints (`transactions.py`).

Source of the technique: SQLAlchemy, "Fully Replacing the DBAPI connect() function",
https://docs.sqlalchemy.org/en/20/core/engines.html#fully-replacing-the-dbapi-connect-function
"""

from __future__ import annotations

import gc
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from weakref import WeakSet

from sqlalchemy import event
from sqlalchemy.engine import AdaptedConnection, Connection, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect
from sqlalchemy.pool import ConnectionPoolEntry, Pool, PoolProxiedConnection

from test_harness.databases.database import Database, engine_of
from test_harness.errors import (
    CommittedError,
    ConnectionLostError,
    IsolationError,
    NoConnectionError,
    SessionWarning,
    first_line,
)
from test_harness.isolation.dialects import take_over
from test_harness.isolation.drivers import real as drivers
from test_harness.isolation.drivers.real import running_loop
from test_harness.isolation.leads import led_to
from test_harness.isolation.places import MakeDatabase, Others, Places, asked_address
from test_harness.isolation.pools import LeftOpen, refuse_early_connections
from test_harness.isolation.transactions import SharedConnection
from test_harness.isolation.waits import Waits
from test_harness.lock.callers import caller
from test_harness.lock.connections import permitted

# What an application may say about how it talks to a database, as opposed to which one it talks to.
CONNECT_ARGUMENTS_KEPT = {
    drivers.FALLBACK,
    "charset",
    "detect_types",
    "init_command",
    "options",
    "prepare_threshold",
    "prepared_statement_cache_size",
    "prepared_statement_name_func",
    "server_settings",
    "sql_mode",
    "statement_cache_size",
}


class Seam:
    """Leads every engine to a test database, and keeps what tests write from lasting.

    Args:
        databases: The test databases that are known to be needed, one for a kind of database at
            most; the first is the main one.
        prepare: Called at each connection attempt, to create the database at the first one.
        renew: Called for a database that a test wrote to for good, when nobody is connected to it.
        others: What the application has beside them.
    """

    def __init__(
        self,
        databases: Sequence[Database],
        prepare: Callable[[Database], None],
        renew: Callable[[Database], None] = lambda _: None,
        others: Others | None = None,
    ) -> None:
        self._places = Places(databases, others)
        self._main = databases[0]
        self._prepare, self._renew = prepare, renew
        self._shared: list[SharedConnection] = []
        self._by_face: dict[int, SharedConnection] = {}
        self._seen: WeakSet[Dialect] = WeakSet()
        self._records: WeakSet[ConnectionPoolEntry] = WeakSet()
        self.left_open = LeftOpen()
        self._waits = Waits()
        # Held while several threads, or tasks of a loop, may be about to do the same.
        self._lock = threading.RLock()

    @property
    def isolates(self) -> bool:
        """Whether engines share the connection that is rolled back after each test."""
        return not self._places.is_real(self._main)

    def install(self) -> None:
        """Listen to every engine of the process, those that exist already included.

        Raises:
            DatabaseLockedError: One of them has connected already.
        """
        refuse_early_connections()
        for target, name, listener in self._listeners():
            event.listen(target, name, listener)

    def uninstall(self) -> None:
        """Stop listening and close the real connections of synchronous drivers."""
        self.left_open.give_back()
        for target, name, listener in self._listeners():
            event.remove(target, name, listener)
        for shared in self._shared:
            shared.real.guard(None)
            shared.real.close()
        self._shared.clear()
        self._by_face.clear()

    async def close_in_loop(self) -> None:
        """Close what asynchronous drivers have opened, before their event loop ends."""
        self.left_open.give_back()
        for shared in list(self._shared):
            await shared.real.close_in_loop()
            if shared.real.loop is not None:
                self._forget(shared)

    @contextmanager
    def real_connections(
        self,
        database: Database | None = None,
        name: str = "",
        beside: MakeDatabase | None = None,
        *,
        whole: bool = False,
    ) -> Iterator[None]:
        """Within the block engines get connections of their own, with real commits.

        Args:
            database: Where those lead that are for the database of the name; all engines lead to
                their test databases when None.
            name: What the application calls it, empty for its first one.
            beside: Makes a database for each other name that is asked for, empty ones when None;
                they are dropped after the block.
            whole: Whether those lead there too that nothing is known about, as an `env.py` of its
                own has them.
        """
        with self._places.real(database, name, beside, self._connect_anew, whole=whole):
            yield

    def database(self, name: str) -> Database:
        """Return the test database of a name, which need not have been made yet."""
        return self._places.database(name)

    def database_of(self, connection: Connection) -> Database | None:
        """Return where a connection leads, None for one that nobody knows."""
        return self._waits.database_of(connection.connection.dbapi_connection)

    def close_real_connections(self) -> None:
        """Close what pools have opened in `real_connections()`, before its database is dropped.

        For asynchronous engines this is to be called in a SQLAlchemy greenlet.
        """
        while self._records:
            self._records.pop().invalidate()

    def prime(self, *, is_async: bool) -> None:
        """Have every engine connect once, so that its `connect` listeners run outside of a test.

        A PRAGMA does nothing inside a transaction, and a SET is undone with it. For asynchronous
        engines this is to be called in a SQLAlchemy greenlet.
        """
        for engine in (found for found in gc.get_objects() if issubclass(type(found), Engine)):
            dialect = engine.dialect
            if led_to(dialect) is not None:
                continue  # Of the harness's own, and done with.
            if engine_of(dialect.name) in self._places.kinds and dialect.is_async is is_async:
                engine.connect().close()

    def keep(self) -> None:
        """Have what was written since the last rollback outlive the tests to come."""
        for shared in self._shared:
            shared.keep()

    def roll_back(self, *, probe: bool = False) -> None:
        """Undo everything that was written since the last call, on every driver.

        Args:
            probe: Whether to see that connections live that nothing was written on.

        Raises:
            IsolationError: The test left something that could not be undone, or ought not to be.
        """
        for shared in list(self._shared):
            self._end(shared, probe=probe)

    def _end(self, shared: SharedConnection, *, probe: bool) -> None:
        try:
            shared.probe() if probe else shared.end()
        except ConnectionLostError:
            self._forget(shared)
            raise
        except CommittedError:
            # What stayed behind goes with the database.
            self._replace(shared)
            self._renew(shared.database)
            raise
        if shared.outlived_by:
            self._replace_session(shared)

    def _replace_session(self, shared: SharedConnection) -> None:
        """Give the next test a session that knows nothing of this one."""
        statement, shared.outlived_by = shared.outlived_by, ""
        if not shared.keeps:
            self._replace(shared)
            return
        warnings.warn(SessionWarning(statement), stacklevel=2)

    def _replace(self, shared: SharedConnection) -> None:
        self._forget(shared)
        shared.close()

    def _connect(
        self,
        dialect: Dialect,
        record: ConnectionPoolEntry,
        cargs: list[Any],
        cparams: dict[str, Any],
    ) -> DBAPIConnection:
        __tracebackhide__ = True  # pytest would show the arguments, and the password among them
        asked = asked_address(dialect, cargs, cparams)
        database, is_real = self._places.find(dialect, cargs, cparams)
        self._prepare(database)
        with self._lock:
            if dialect not in self._seen:
                self._seen.add(dialect)
                take_over(dialect, self._by_face)
        self._records.add(record)
        if engine_of(dialect.name) == "mysql":
            # Read once for each engine, and what looks for a table looks for it there.
            dialect.default_schema_name = database.url(dialect.name).database
        if is_real:
            return self._open(database, dialect, cparams, asked)
        shared, connection = self._share(database, dialect, cparams, asked)
        # Until it is checked out, `connect` listeners set it up, outside of a transaction.
        shared.begin_connecting(record)
        return connection

    def _listeners(self) -> list[tuple[Any, str, Callable[..., Any]]]:
        return [
            (Engine, "do_connect", self._connect),
            (Engine, "handle_error", self._waits.explain),
            (Pool, "checkout", self._checked_out),
            (Pool, "checkin", self.left_open.checked_in),
            (Pool, "invalidate", self._invalidated),
        ]

    def _find_shared(
        self, database: Database, dialect: Dialect
    ) -> tuple[SharedConnection, DBAPIConnection] | None:
        for shared in self._shared:
            face = shared.real.face(dialect) if shared.database is database else None
            if face is None:
                continue
            if shared.real.loop not in (None, running_loop()):
                raise IsolationError(
                    f"{caller()} used the {dialect.driver} driver in a second event loop.",
                    "Drive the application in the test's own loop (the `client` fixture does), "
                    "not through a synchronous TestClient.",
                )
            self._by_face[id(face)] = shared
            return shared, face
        return None

    def _share(
        self, database: Database, dialect: Dialect, cparams: dict[str, Any], asked: str
    ) -> tuple[SharedConnection, DBAPIConnection]:
        with self._lock:
            found = self._find_shared(database, dialect)
        if found is not None:
            return found
        connection = self._open(database, dialect, cparams, asked)
        real = drivers.share(dialect, connection)
        if database.on_connect:
            real.execute(*database.on_connect)
        shared = SharedConnection(real, database, self._shared)
        with self._lock:
            found = self._find_shared(database, dialect)
            if found is None:
                real.guard(shared)
                self._shared.append(shared)
                self._by_face[id(connection)] = shared
                return shared, connection
        # While it was on its way, another one was opened, and is in use.
        dialect.do_close(connection)
        return found

    def _checked_out(self, connection: Any, record: Any, proxy: PoolProxiedConnection) -> None:
        shared = self._by_face.get(id(connection))
        if shared is not None:
            shared.end_connecting(record)
            if isinstance(connection, AdaptedConnection):
                self.left_open.take(record, proxy)

    def _invalidated(self, connection: Any, record: ConnectionPoolEntry, *_: Any) -> None:
        """Undo what was left open by a task that was cancelled, as a server does."""
        shared = self._by_face.get(id(connection))
        if shared is not None:
            # Where the real connection has gone as well, there is nothing left to undo.
            with suppress(shared.real.dbapi.Error):
                shared.rollback(record)

    def _open(
        self, database: Database, dialect: Dialect, cparams: dict[str, Any], asked: str
    ) -> DBAPIConnection:
        url = database.url(f"{dialect.name}+{dialect.driver}")
        arguments, parameters = dialect.create_connect_args(url)
        kept = {key: cparams[key] for key in CONNECT_ARGUMENTS_KEPT & cparams.keys()}
        try:
            with permitted():
                connection = drivers.connect(dialect, arguments, {**parameters, **kept})
            self._waits.limit(connection, database, asked)
        except dialect.loaded_dbapi.Error as error:
            raise NoConnectionError(caller(), database.shown, first_line(error)) from None
        return connection

    def _forget(self, lost: SharedConnection) -> None:
        """Have every engine connect anew, after a connection was lost."""
        self.left_open.give_back()
        self._shared.remove(lost)
        for face in [face for face, shared in self._by_face.items() if shared is lost]:
            del self._by_face[face]
        self._connect_anew()

    def _connect_anew(self) -> None:
        # Pools keep what they opened before: have them connect anew at the next checkout.
        while self._records:
            self._records.pop().invalidate(soft=True)
