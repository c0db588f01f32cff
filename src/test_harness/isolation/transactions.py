"""The application's transactions as savepoints inside one outer transaction that is rolled back.

One real connection serves every engine of a driver. What an application takes for a transaction is
a savepoint, so that it commits and rolls back as it likes, in several sessions at once. A commit
sends nothing, transactions end in any order, and one that only read is not rolled back. What one
connection cannot give is warned of: a rollback also undoes what others committed since it began.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any
from weakref import WeakSet

from sqlalchemy.engine import AdaptedConnection
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection
from sqlalchemy.util import await_only

from test_harness.databases.database import Database
from test_harness.errors import CommittedError
from test_harness.isolation import local_settings
from test_harness.isolation.drivers.real import RealConnection
from test_harness.isolation.drivers.set_up import SetUp
from test_harness.isolation.one_connection import (
    SECOND_DRIVER,
    UNDID_OTHERS,
    one_connection,
    opening,
)
from test_harness.isolation.raw import RawWork
from test_harness.isolation.reading import Reading
from test_harness.isolation.roles import send_as, sender
from test_harness.isolation.savepoints import (
    AUTOCOMMIT,
    CONNECTING,
    TRANSACTION,
    USED,
    Savepoint,
    Within,
    info_of,
    release_committed,
    take_away_since,
)
from test_harness.isolation.traffic import Traffic
from test_harness.isolation.wishes import Traits


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
        self.wrote = self.has_committed = self.begun = False
        self.connecting: WeakSet[ConnectionPoolEntry] = WeakSet()
        self.lock = threading.RLock()
        self.turn: AbstractContextManager[Any] = self.lock if real.one_at_a_time else nullcontext()
        self.checks_when_ending = real.has_deferred_constraints()
        self.savepoints: list[Savepoint] = []
        self.raw, self.reading = RawWork(self), Reading(database)
        self._within, self.traffic = Within(), Traffic()
        self.outlived_by = ""  # The first statement that changed the session for later tests.

    def begin_connecting(self, record: ConnectionPoolEntry) -> None:
        """Let what `connect` listeners do pass, until the connection is checked out."""
        self.outlived_by = self.outlived_by or self.real.set_up.changed()
        self.connecting.add(record)
        info_of(record)[CONNECTING] = True

    def end_connecting(self, record: ConnectionPoolEntry) -> None:
        """Have what is done from now on be part of a transaction."""
        info = info_of(record)
        if info.pop(CONNECTING, False):
            self.connecting.discard(record)
            self.real.set_up = SetUp(self.real.native)
        info.pop(USED, None)

    def begin(self, proxy: PoolProxiedConnection) -> None:
        """Begin a transaction of the application on the pooled connection `proxy`."""
        with self.lock:
            info = info_of(proxy)
            info[TRANSACTION], info[USED] = self.put("open"), True
        self._warn_of_another()

    def put(self, state: str) -> Savepoint:
        """Set a savepoint, in the place of those that are done with."""
        last = self.savepoints[-1] if self.savepoints else None
        if last is not None and last.state == "clean" and not last.holds:
            savepoint = self.savepoints[-1] = Savepoint(last.name, state)
            return savepoint
        statements = self._release_committed() if self.begun else opening(self.database)
        savepoint = Savepoint(f"test_harness_{len(self.savepoints) + 1}", state)
        # Noted first: while this is on its way, another task may begin a transaction.
        begun, self.begun = self.begun, True
        self.savepoints.append(savepoint)
        try:
            self._send(*statements, f"SAVEPOINT {savepoint.name}")
        except BaseException:
            self.begun = begun or self.real.in_transaction()  # Of a task that was cancelled.
            raise
        return savepoint

    def _send(self, *statements: str) -> None:
        self.traffic.controls += 1
        try:
            self.real.execute(*statements)
        finally:
            self.traffic.controls -= 1

    def commit(self, proxy: PoolProxiedConnection | ConnectionPoolEntry) -> None:
        """Keep what the transaction on `proxy` did.

        Raises:
            The driver's IntegrityError: A deferred constraint does not hold.
        """
        with self.lock:
            savepoint = info_of(proxy).pop(TRANSACTION, None)
            if savepoint in self.savepoints:
                if savepoint.wrote and self.checks_when_ending:
                    try:
                        self.real.check_deferred_constraints()
                    except self.real.dbapi.IntegrityError:
                        # A server rolls back what it refuses to commit.
                        self.undo(savepoint)
                        raise
                savepoint.state = "committed"
                with suppress(self.real.dbapi.Error):  # What fails already keeps nothing.
                    local_settings.put_back(self.real.execute, savepoint)
                self.has_committed = self.has_committed or savepoint.wrote

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
        parameters: Sequence[Any],
        send: Callable[[], Any],
        *,
        autocommit: bool,
    ) -> Any:
        """Send a statement of the application within its transaction, once it is connected.

        Args:
            proxy: The pooled connection that it is for.
            statement: What `send` sends.
            parameters: What it sends with it, in one place if at all.
            autocommit: Whether each statement on `proxy` is a transaction of its own.

        Returns:
            What `send` returns, None when the statement only began or ended a transaction.
        """
        info = info_of(proxy)
        if CONNECTING in info:
            with self.turn:
                return send_as(self, proxy, send)
        info[AUTOCOMMIT] = autocommit
        traits = self.read(statement)
        kind = traits.kind
        if kind not in {"read", "write"}:
            self._control(kind, proxy)
            return None
        self.traffic.enter(proxy)
        savepoint = None
        try:
            if autocommit:
                self.commit(proxy)
            with self.turn:
                # Gone after a COMMIT in SQL, and in a session that an earlier test left open.
                if info.get(TRANSACTION) not in self.savepoints:
                    self.begin(proxy)
                savepoint = info[TRANSACTION]
                if traits.wish is not None or traits.table:
                    self.reading.follow(traits, savepoint)
                if kind == "write":
                    savepoint.wrote = self.wrote = True
                if traits.sets_locally:
                    self._keep_settings(proxy, savepoint, statement, parameters)
                sent = send_as(self, proxy, send)
        except BaseException:
            if savepoint is not None:
                # On PostgreSQL a failed statement spoils the transaction, even one that only read.
                savepoint.wrote = True
                if autocommit:
                    self.undo(savepoint)
            raise
        finally:
            self.traffic.leave(proxy)
        if traits.names_savepoint:
            self._within.follow(statement, self.savepoints)
        return sent

    def _keep_settings(
        self,
        proxy: PoolProxiedConnection,
        savepoint: Savepoint,
        statement: str,
        given: Sequence[Any],
    ) -> None:
        by = sender(self.database, proxy)
        local_settings.keep(self.real.execute, savepoint, statement, by, *given)

    def _control(self, kind: str, proxy: PoolProxiedConnection) -> None:
        if kind == "commit":
            self.commit(proxy)
        elif kind == "rollback":
            self.rollback(proxy)
        if isinstance(proxy.dbapi_connection, AdaptedConnection):
            await_only(asyncio.sleep(0))  # SQLAlchemy insists that it awaits something.

    def read(self, statement: str) -> Traits:
        """Return what a statement that is about to be sent does to its transaction.

        Raises:
            IsolationError: It is one string of several statements that end one and go on.
        """
        traits = self.reading.of(statement)
        if traits.outlives and not self.outlived_by:
            self.outlived_by = " ".join(statement.split())[:60]
        return traits

    @property
    def is_sending(self) -> bool:
        """Whether SQLAlchemy sends a statement now, or sets a connection up."""
        return bool(self.connecting or self.traffic.is_sending)

    def undo(self, savepoint: Savepoint) -> None:
        """Roll back to a savepoint, unless nothing was written since.

        Raises:
            CommittedError: There is none any more, nor the transaction around it.
        """
        if not savepoint.wrote:
            savepoint.state = "committed"
            local_settings.put_back(self.real.execute, savepoint)
            return
        if not self.real.in_transaction():
            raise CommittedError
        undid_others = take_away_since(savepoint, self.savepoints)
        self._send(f"ROLLBACK TO SAVEPOINT {savepoint.name}")
        savepoint.state = "clean"
        if undid_others:
            one_connection.cannot(UNDID_OTHERS, "end the first before the second begins, or ")

    def _warn_of_another(self) -> None:
        for other in self._beside:
            if other is not self and other.database is self.database and other.wrote:
                one_connection.cannot(SECOND_DRIVER)

    def _release_committed(self) -> list[str]:
        done = release_committed(self.savepoints)
        return [] if self.real.replaces_savepoints else done
