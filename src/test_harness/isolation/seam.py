"""The seam: the one place where every SQLAlchemy engine of the process is taken hold of.

`do_connect` on the `Engine` class fires for each connection attempt of each engine, whoever made
it and whenever, Alembic's `env.py` included. What is not of the test database's kind is refused;
the rest is led to the test database. While tests run, engines share one real connection whose
transactions are savepoints (`transactions.py`).

Source of the technique: SQLAlchemy, "Fully Replacing the DBAPI connect() function",
https://docs.sqlalchemy.org/en/20/core/engines.html#fully-replacing-the-dbapi-connect-function
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from weakref import WeakSet

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect
from sqlalchemy.pool import ConnectionPoolEntry, Pool, PoolProxiedConnection

from test_harness.databases.database import Database, engine_of
from test_harness.errors import IsolationError, SecondLoopError
from test_harness.isolation.dialects import take_over
from test_harness.isolation.drivers import real as drivers
from test_harness.isolation.drivers.real import running_loop
from test_harness.isolation.forks import leave_in_children, unlock_in_children
from test_harness.isolation.left_running import Running, refuse_left_running
from test_harness.isolation.one_connection import one_connection
from test_harness.isolation.opening import open_real
from test_harness.isolation.places import MakeDatabase, Others, Places, asked_address
from test_harness.isolation.pools import LeftOpen, Primed, refuse_early_connections
from test_harness.isolation.roles import is_of_the_tests
from test_harness.isolation.rows import Rows
from test_harness.isolation.savepoints import OF_THE_TESTS, info_of
from test_harness.isolation.transactions import SharedConnection
from test_harness.isolation.waits import Waits
from test_harness.isolation.wishes import DETACHED
from test_harness.lock.callers import caller


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
        self._places, self._main = Places(databases, others), databases[0]
        self._prepare = prepare
        self._shared: list[SharedConnection] = []
        self._by_face: dict[int, SharedConnection] = {}
        self._seen: WeakSet[Dialect] = WeakSet()
        self._records: WeakSet[ConnectionPoolEntry] = WeakSet()
        self.left_open, self._primed, self._led = LeftOpen(), Primed(), 0
        self.rows = Rows(self._shared, self._forget, renew)
        self.waits = Waits()
        self.lock = threading.RLock()  # Held while threads, or tasks, may be about to do the same.
        unlock_in_children(self)

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
            shared.real.end(shared.lock)
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
        return self.waits.database_of(connection.connection.dbapi_connection)

    def close_real_connections(self) -> None:
        """Close what pools have opened in `real_connections()`, before its database is dropped.

        For asynchronous engines this is to be called in a SQLAlchemy greenlet.
        """
        while self._records:
            self._records.pop().invalidate()

    def running(self) -> Running:
        """Return what runs now, beside which a test may leave tasks and threads."""
        return Running(self._loops())

    def end_left_running(self, before: Running) -> None:
        """End what a test left running, and undo what it wrote, from synchronous code.

        Args:
            before: What ran before it.
        """
        before.end_others(self._loops())
        with suppress(IsolationError):  # Of a test that counts for nothing.
            self.rows.roll_back()

    def _loops(self) -> set[asyncio.AbstractEventLoop]:
        loops = {one.real.loop or one.real.loop_of_tasks for one in self._shared}
        return {loop for loop in loops if loop is not None and not loop.is_closed()}

    def prime(self, *, is_async: bool) -> None:
        """Have every engine connect once; asynchronous ones in a SQLAlchemy greenlet."""
        self._primed.connect_all(self._places.kinds, is_async=is_async)

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
        with self.lock:
            if dialect not in self._seen:
                self._seen.add(dialect)
                take_over(dialect, self._by_face)
        self._records.add(record)
        if engine_of(dialect.name) == "mysql":  # Read once for each engine, and looked into.
            dialect.default_schema_name = database.url(dialect.name).database
        info_of(record)[OF_THE_TESTS] = is_of_the_tests(dialect)
        role = self._places.role(database, dialect, is_real=is_real)
        how, led = (database, dialect, cparams, asked, role), self._led
        shared, connection = (None, self._open(*how)) if is_real else self._share(*how)
        if led != self._led:
            # Engines were led elsewhere while it was on its way, and nobody knows it yet.
            if shared is None:
                dialect.do_close(connection)
            return self._connect(dialect, record, cargs, cparams)
        if shared is not None:
            # Until it is checked out, `connect` listeners set it up, outside of a transaction.
            shared.begin_connecting(record)
        return connection

    def _listeners(self) -> list[tuple[Any, str, Callable[..., Any]]]:
        return [
            (Engine, "do_connect", self._connect),
            (Engine, "handle_error", self.waits.explain),
            (Pool, "checkout", self._checked_out),
            (Pool, "checkin", self.left_open.checked_in),
            (Pool, "invalidate", self._invalidated),
            (Pool, "detach", self._detached),
        ]

    def _find_shared(
        self, database: Database, dialect: Dialect
    ) -> tuple[SharedConnection, DBAPIConnection] | None:
        for shared in self._shared:
            face = shared.real.face(dialect) if shared.database is database else None
            if face is None:
                continue
            if shared.real.loop not in (None, running_loop()):
                raise SecondLoopError(caller(), dialect.driver)
            self._by_face[id(face)] = shared
            return shared, face
        return None

    def _share(
        self, database: Database, dialect: Dialect, cparams: dict[str, Any], asked: str, role: str
    ) -> tuple[SharedConnection, DBAPIConnection]:
        with self.lock:
            found = self._find_shared(database, dialect)
        if found is not None:
            return found
        connection = self._open(database, dialect, cparams, asked, role)
        real = drivers.share(dialect, connection)
        if database.on_connect:
            real.execute(*database.on_connect)
        shared = SharedConnection(real, database, self._shared)
        with self.lock:
            found = self._find_shared(database, dialect)
            if found is None:
                real.guard(shared)
                leave_in_children(shared)
                self._shared.append(shared)
                self._by_face[id(connection)] = shared
        if found is None:
            self._primed.connect_again(database, dialect)
            return shared, connection
        # While it was on its way, another one was opened, and is in use.
        dialect.do_close(connection)
        return found

    def _checked_out(self, connection: Any, record: Any, proxy: PoolProxiedConnection) -> None:
        refuse_left_running()
        shared = self._by_face.get(id(connection))
        if shared is not None:
            shared.end_connecting(record)
            self.left_open.take(record, proxy)

    def _invalidated(self, connection: Any, record: ConnectionPoolEntry, *_: Any) -> None:
        """Undo what was left open by a task that was cancelled, as a server does."""
        shared = self._by_face.get(id(connection))
        if shared is not None:
            # Where the real connection has gone as well, there is nothing left to undo.
            with suppress(shared.real.dbapi.Error):
                shared.rollback(record)

    def _detached(self, connection: Any, _: ConnectionPoolEntry) -> None:
        if id(connection) in self._by_face:
            one_connection.cannot(DETACHED)

    def _open(
        self, database: Database, dialect: Dialect, cparams: dict[str, Any], asked: str, role: str
    ) -> DBAPIConnection:
        limit = self.waits.limit
        return open_real(
            database, dialect, cparams, lambda opened: limit(opened, database, asked), role
        )

    def _forget(self, lost: SharedConnection) -> None:
        """Have every engine connect anew, after a connection was lost."""
        self.left_open.give_back()
        self._shared.remove(lost)
        self._primed.lost(lost.database)
        for face in [face for face, shared in self._by_face.items() if shared is lost]:
            del self._by_face[face]
        self._connect_anew()

    def _connect_anew(self) -> None:
        self._led += 1
        # Pools keep what they opened before: have them connect anew at the next checkout.
        while self._records:
            self._records.pop().invalidate(soft=True)
