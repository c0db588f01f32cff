"""What pools hold that nobody expects: connections from before the harness, and left by tests."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import warnings
import weakref
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import AdaptedConnection, Engine
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from test_harness.databases.database import Database, engine_of
from test_harness.errors import DatabaseLockedError, IsolationWarning
from test_harness.isolation.drivers.real import running_loop
from test_harness.isolation.leads import led_to
from test_harness.isolation.one_connection import one_connection
from test_harness.living import living
from test_harness.lock.callers import calling_line, shown_place

# Who knows a connection in `give_back`: the note of it, the loop, and the call that counts.
OWN_REFERENCES = 3


def refuse_early_connections() -> None:
    """See to it that no engine has connected yet: what it holds, nobody can lead elsewhere.

    Raises:
        DatabaseLockedError: One has.
    """
    records = living(ConnectionPoolEntry)
    open_ = [known for known in records if known.dbapi_connection is not None]
    for engine in living(Engine) if open_ else ():
        if any(engine.pool in gc.get_referents(record) for record in open_):
            raise DatabaseLockedError(
                f"An engine has been connected to {engine.url.render_as_string()} since before the "
                "harness was loaded.",
                "Connect in the application or in a fixture, not in a plugin of pytest or in what "
                "is imported before tests/conftest.py.",
            )


class Primed:
    """The engines that have connected before the first test, and do so before all others again.

    Their `connect` listeners are to run outside of a transaction: a PRAGMA does nothing inside of
    one, and a SET is undone with it. So where a connection that tests share is replaced, whoever
    opens the next one has those listeners run first, which are of engines that may come later.
    """

    def __init__(self) -> None:
        self._engines: weakref.WeakSet[Engine] = weakref.WeakSet()
        self._lost: set[Database] = set()

    def connect_all(self, kinds: Collection[str], *, is_async: bool) -> None:
        """Have every engine connect once.

        Args:
            kinds: Of databases; engines for others are left alone.
            is_async: Whether asynchronous engines are to; if so, in a SQLAlchemy greenlet.
        """
        for engine in living(Engine):
            dialect = engine.dialect
            if led_to(dialect) is not None:
                continue  # Of the harness's own, and done with.
            if engine_of(dialect.name) in kinds and dialect.is_async is is_async:
                self._engines.add(engine)
                _connect(engine)

    def lost(self, database: Database) -> None:
        """Note that the connection to a database which they have set up is no more."""
        self._lost.add(database)

    def connect_again(self, database: Database, opener: Dialect) -> None:
        """Have them set up a connection that was just opened in the place of one that is lost.

        Args:
            database: Where it leads.
            opener: The dialect of the engine that opened it, which sets it up by itself.
        """
        if database in self._lost:
            self._lost.discard(database)
            for engine in list(self._engines):
                dialect = engine.dialect
                is_like = (dialect.is_async, dialect.name) == (opener.is_async, opener.name)
                if is_like and dialect is not opener:
                    _connect(engine)


def _connect(engine: Engine) -> None:
    with one_connection.for_all():
        engine.connect().close()


@dataclass
class Taken:
    """A connection that was taken from a pool.

    Args:
        proxy: What the pool gave, or a reference to it that does not keep it.
        test: The test that took it; empty where it is for several.
        line: The file and line of the project that did, where that is noted.
        task: The task that did, which may go on after the test.
    """

    proxy: PoolProxiedConnection | weakref.ref[PoolProxiedConnection]
    test: str
    line: tuple[str, int] | None
    task: asyncio.Task[Any] | None

    @property
    def is_in_use(self) -> bool:
        """Whether a task has it that goes on, of which there is more to say than that."""
        return self.task is not None and not self.task.done()

    @property
    def place(self) -> str:
        """The line in words; empty where it is not noted."""
        return shown_place(*self.line) if self.line else ""


class LeftOpen:
    """What tests take from the pools of engines and do not give back.

    SQLAlchemy would see to it when it is garbage, some time later, and complain of those of
    asynchronous engines to whichever test runs then. Kept alive here, they are given back after
    their own test. Those of synchronous engines it gives back without a word.
    """

    def __init__(self) -> None:
        self._taken: dict[ConnectionPoolEntry, Taken] = {}
        self.held: list[str] | None = None
        """Lines that took what is not given back, although its test ended; None notes none."""

    def take(self, record: ConnectionPoolEntry, proxy: PoolProxiedConnection) -> None:
        """Note that the test takes a connection."""
        is_async = isinstance(proxy.dbapi_connection, AdaptedConnection)
        if not is_async and self.held is None:
            return
        test = os.environ.get("PYTEST_CURRENT_TEST", "").rsplit(" (", 1)[0]
        line = None if self.held is None else calling_line()
        task = None if running_loop() is None else asyncio.current_task()
        self._taken[record] = Taken(proxy if is_async else weakref.ref(proxy), test, line, task)

    def checked_in(self, connection: Any, record: ConnectionPoolEntry) -> None:
        """Note that a connection is back."""
        self._taken.pop(record, None)

    def is_for_several(self) -> None:
        """Take what is in use now for what is not of one test alone."""
        for taken in self._taken.values():
            taken.test = ""

    def give_back(self, after: str | None = None) -> None:
        """Give back what nobody else refers to any more, and say if it was the test's.

        Args:
            after: The test that ended; None gives back what is still in use as well.
        """
        if not self._taken:
            return
        mine = [taken.proxy for taken in self._taken.values() if taken.test == after]
        if mine:
            # A session and its transaction refer to each other. Of synchronous ones SQLAlchemy says
            # nothing, and what they hold was made a moment ago.
            gc.collect(2 if any(isinstance(it, PoolProxiedConnection) for it in mine) else 1)
        del mine  # It refers to them too.
        for taken in [one for one in self._taken.values() if after is None or not one.is_in_use]:
            proxy, is_of_test = taken.proxy, taken.test == after
            if not isinstance(proxy, PoolProxiedConnection):
                if is_of_test and self.held is not None:
                    self.held.append(taken.place)
            elif after is None or sys.getrefcount(proxy) <= OWN_REFERENCES:
                proxy.close()
                if is_of_test:
                    warnings.warn(
                        f"{taken.test} left a session or a connection open"
                        f"{f' ({taken.place})' if taken.place else ''}. Fix: open it with "
                        "`async with`, or close it.",
                        IsolationWarning,
                        stacklevel=2,
                    )
            elif is_of_test and self.held is not None:
                self.held.append(taken.place)
