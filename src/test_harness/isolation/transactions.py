"""The application's transactions as savepoints inside one outer transaction that is rolled back.

One real connection serves every engine of a driver. What the application takes for a transaction
is a savepoint, so it can commit and roll back as it likes, in several sessions at once, and
nothing outlives the test. A commit sends nothing, so transactions can end in any order, and one
that only read is not rolled back at all. The one thing a single connection cannot give: rolling a
transaction back also undoes what others committed since it began, which is warned of.
"""

from __future__ import annotations

import asyncio
import threading
import warnings
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any
from weakref import WeakSet

from sqlalchemy.engine import AdaptedConnection
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection
from sqlalchemy.util import await_only

from test_harness.databases.database import Database
from test_harness.errors import (
    BrokenRowsError,
    CommittedError,
    ConnectionLostError,
    IsolationError,
    IsolationWarning,
)
from test_harness.isolation.drivers.real import AsyncConnection, RealConnection
from test_harness.isolation.raw import RawWork
from test_harness.isolation.savepoints import (
    AUTOCOMMIT,
    CONNECTING,
    TRANSACTION,
    USED,
    Savepoint,
    info_of,
)
from test_harness.isolation.statements import kind_of, outlives
from test_harness.lock.callers import caller


class SharedConnection:
    """One real connection, its outer transaction, and the savepoints inside it.

    Args:
        real: The real connection, whose own transaction control is switched off.
        database: Where it leads.
        beside: All connections that are shared, this one among them.
    """

    def __init__(
        self, real: RealConnection, database: Database, beside: Sequence[SharedConnection]
    ) -> None:
        self.real, self.database, self._beside = real, database, beside
        self.wrote = self._committed = False
        self.connecting: WeakSet[ConnectionPoolEntry] = WeakSet()
        self.lock = threading.RLock()
        self.turn: AbstractContextManager[Any] = self.lock if real.one_at_a_time else nullcontext()
        self._begun = False
        self._checks_when_ending = real.has_deferred_constraints()
        self.savepoints: list[Savepoint] = []
        self.raw = RawWork(self)
        self._sending: set[int] = set()
        # The first statement of a test that changed the session for those after it.
        self.outlived_by = ""

    def begin_connecting(self, record: ConnectionPoolEntry) -> None:
        """Let what `connect` listeners do pass, until the connection is checked out."""
        self.connecting.add(record)
        info_of(record)[CONNECTING] = True

    def end_connecting(self, record: ConnectionPoolEntry) -> None:
        """Have what is done from now on be part of a transaction."""
        info = info_of(record)
        if info.pop(CONNECTING, False):
            self.connecting.discard(record)
        info.pop(USED, None)

    def begin(self, proxy: PoolProxiedConnection) -> None:
        """Begin a transaction of the application on the pooled connection `proxy`."""
        with self.lock:
            if self.savepoints and self.savepoints[-1].state == "clean":
                savepoint = self.savepoints[-1] = Savepoint(self.savepoints[-1].name)
            else:
                statements = self._release_committed() if self._begun else ["BEGIN"]
                savepoint = Savepoint(f"test_harness_{len(self.savepoints) + 1}")
                # Noted first: while this is on its way, another task may begin a transaction.
                self._begun = True
                self.savepoints.append(savepoint)
                self.real.execute(*statements, f"SAVEPOINT {savepoint.name}")
            info_of(proxy).update({TRANSACTION: savepoint, USED: True})
        self._warn_of_another()

    def commit(self, proxy: PoolProxiedConnection | ConnectionPoolEntry) -> None:
        """Keep what the transaction on `proxy` did.

        Raises:
            The driver's IntegrityError: A deferred constraint does not hold.
        """
        with self.lock:
            savepoint = info_of(proxy).pop(TRANSACTION, None)
            if savepoint in self.savepoints:
                if savepoint.wrote and self._checks_when_ending:
                    try:
                        self.real.check_deferred_constraints()
                    except self.real.dbapi.IntegrityError:
                        # A server rolls back what it refuses to commit.
                        self.undo(savepoint)
                        raise
                savepoint.state = "committed"
                self._committed = self._committed or savepoint.wrote

    def rollback(self, proxy: PoolProxiedConnection | ConnectionPoolEntry) -> None:
        """Undo what the transaction on `proxy` did; one that is gone already is passed over."""
        with self.lock:
            info = info_of(proxy)
            if info.get(AUTOCOMMIT):
                self.commit(proxy)
                return
            savepoint = info.pop(TRANSACTION, None)
            if savepoint in self.savepoints:
                self.undo(savepoint)
            elif self.real.begins_by_itself and USED not in info and CONNECTING not in info:
                # Given back by somebody who worked on the driver's connection only.
                self.raw.rollback()

    def execute(
        self,
        proxy: PoolProxiedConnection,
        statement: str,
        send: Callable[[], Any],
        *,
        autocommit: bool,
    ) -> Any:
        """Send a statement of the application within its transaction, once it is connected.

        Args:
            proxy: The pooled connection that it is for.
            statement: What `send` sends.
            autocommit: Whether each statement on `proxy` is a transaction of its own.

        Returns:
            What `send` returns, None when the statement only began or ended a transaction.
        """
        info = info_of(proxy)
        if CONNECTING in info:
            with self.turn:
                return send()
        info[AUTOCOMMIT] = autocommit
        kind = self.read(statement)
        if kind not in {"read", "write"}:
            if kind == "commit":
                self.commit(proxy)
            elif kind == "rollback":
                self.rollback(proxy)
            # SQLAlchemy insists that an asynchronous call awaits something.
            if isinstance(proxy.dbapi_connection, AdaptedConnection):
                await_only(asyncio.sleep(0))
            return None
        if autocommit:
            self.commit(proxy)
        # Gone after a COMMIT in SQL, and in a session that an earlier test left open.
        if info.get(TRANSACTION) not in self.savepoints:
            self.begin(proxy)
        savepoint = info[TRANSACTION]
        if kind == "write":
            savepoint.wrote = self.wrote = True
        self._sending.add(id(proxy))
        try:
            with self.turn:
                return send()
        except BaseException:
            # On PostgreSQL a failed statement spoils the transaction, even one that only read.
            savepoint.wrote = True
            if autocommit:
                self.undo(savepoint)
            raise
        finally:
            self._sending.discard(id(proxy))

    def read(self, statement: str) -> str:
        """Return what a statement that is about to be sent does to its transaction.

        Raises:
            IsolationError: It is one string of several statements that end one and go on.
        """
        kind = kind_of(statement)
        if kind == "script":
            raise IsolationError(
                f"{caller()} sent several statements in one string, and one of them begins or ends "
                f"a transaction: `{' '.join(statement.split())[:60]}`.",
                "Send them one by one, or mark the test with @pytest.mark.real_commits.",
            )
        if not self.outlived_by and outlives(statement, self.database.engine):
            self.outlived_by = " ".join(statement.split())[:60]
        return kind

    def begin_again(self) -> None:
        """Begin what the database ended by itself, as SQLite does on OR ROLLBACK or a full disk."""
        if not self._begun or self.real.in_transaction():
            return
        self.real.execute("BEGIN", *(f"SAVEPOINT {known.name}" for known in self.savepoints))
        if self._committed:
            warnings.warn(
                f"{caller()} had the database roll back all that the test did, also what was "
                "committed before (OR ROLLBACK does, and a full disk). Fix: mark the test with "
                "@pytest.mark.real_commits.",
                IsolationWarning,
                stacklevel=2,
            )

    @property
    def is_sending(self) -> bool:
        """Whether SQLAlchemy sends a statement now, or sets a connection up."""
        return bool(self._sending or self.connecting)

    def keep(self) -> None:
        """Have what was written so far outlive the tests to come, until the run ends."""
        with self.lock:
            if self.wrote or self.raw.savepoint is not None:
                self.wrote = False
                kept = Savepoint(f"test_harness_{len(self.savepoints) + 1}", "kept")
                self.savepoints.append(kept)
                with suppress(self.real.dbapi.Error):  # A connection that is lost is for `end`.
                    self.real.from_outside(lambda: self.real.execute(f"SAVEPOINT {kept.name}"))

    def end(self) -> None:
        """Roll back what was written since the last call, from synchronous code.

        Raises:
            ConnectionLostError: There is no connection any more.
            CommittedError: The test committed past the harness.
            BrokenRowsError: The test left rows that break a deferred constraint.
        """
        with self.lock:
            if self._begun:
                self.wrote = self._committed = False
                self.real.from_outside(self._end)

    @property
    def keeps(self) -> bool:
        """Whether something stands on the connection that is there for the tests to come."""
        return any(known.state == "kept" for known in self.savepoints)

    def close(self) -> None:
        """Close the real connection, from synchronous code."""
        self.real.guard(None)
        if isinstance(self.real, AsyncConnection):
            self.real.from_outside(lambda: await_only(self.real.close_in_loop()))
        else:
            self.real.close()

    def probe(self) -> None:
        """See whether there still is a connection, between two tests.

        Raises:
            ConnectionLostError: There is none.
        """
        with self.lock:
            # Where a transaction is open, a second BEGIN would commit it on MySQL.
            if not self._begun:
                self._begun = True
                with suppress(Exception):
                    self.real.from_outside(lambda: self.real.execute("BEGIN"))
            self.end()

    def undo(self, savepoint: Savepoint) -> None:
        """Roll back to a savepoint, unless nothing was written since.

        Raises:
            CommittedError: There is none any more, nor the transaction around it.
        """
        if not savepoint.wrote:
            savepoint.state = "committed"
            return
        if not self.real.in_transaction():
            raise CommittedError
        inside = self.savepoints.index(savepoint) + 1
        undid_others = any(other.wrote for other in self.savepoints[inside:])
        del self.savepoints[inside:]
        self.real.execute(f"ROLLBACK TO SAVEPOINT {savepoint.name}")
        savepoint.state = "clean"
        if undid_others:
            warnings.warn(
                f"{caller()} rolled back a transaction that began before another one wrote, and "
                "on the one connection of the tests that undid both. Fix: end the first before "
                "the second begins, or mark the test with @pytest.mark.real_commits.",
                IsolationWarning,
                stacklevel=2,
            )

    def _end(self) -> None:
        problem: IsolationError | None = None if self.real.in_transaction() else CommittedError()
        if self._checks_when_ending:
            try:
                self.real.check_deferred_constraints()
            except self.real.dbapi.IntegrityError as error:
                problem = BrokenRowsError(error)
            except self.real.dbapi.Error:
                pass  # The transaction failed in the test, which has been told.
        kept = next((known for known in reversed(self.savepoints) if known.state == "kept"), None)
        self._begun = kept is not None
        del self.savepoints[self.savepoints.index(kept) + 1 if kept else 0 :]
        try:
            self.real.execute(f"ROLLBACK TO SAVEPOINT {kept.name}" if kept else "ROLLBACK")
        except Exception as error:  # noqa: BLE001 - whatever it is, the session is gone
            raise ConnectionLostError(error) from None
        if problem is not None:
            raise problem

    def _warn_of_another(self) -> None:
        for other in self._beside:
            if other is not self and other.database is self.database and other.wrote:
                warnings.warn(
                    f"{caller()} works with a second driver in a test that wrote through another "
                    "one, and on a connection of its own it cannot see what that wrote. Fix: mark "
                    "the test with @pytest.mark.real_commits.",
                    IsolationWarning,
                    stacklevel=2,
                )

    def _release_committed(self) -> list[str]:
        released: list[str] = []
        while self.savepoints and self.savepoints[-1].state == "committed":
            released = [f"RELEASE SAVEPOINT {self.savepoints.pop().name}"]
        return [] if self.real.replaces_savepoints else released
