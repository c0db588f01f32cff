"""PostgreSQL's drivers: psycopg, synchronous and asynchronous on one connection; psycopg2; asyncpg.

Statements of the harness are sent several at a time, as the simple query protocol has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.util import await_only

from test_harness.errors import IsolationError
from test_harness.isolation.drivers.asyncpg_guards import guarded_asyncpg
from test_harness.isolation.drivers.postgresql_guards import (
    guarded_psycopg,
    guarded_psycopg2,
    guarded_psycopg_async,
)
from test_harness.isolation.drivers.real import (
    FALLBACK,
    AsyncConnection,
    RealConnection,
    created_by,
    face_key,
    running_loop,
)
from test_harness.isolation.one_connection import MARK, one_connection
from test_harness.isolation.roles import IN_TRANSACTION
from test_harness.isolation.wishes import BUSY
from test_harness.lock.callers import caller

DEFERRABLE = "SELECT count(*) FROM pg_constraint WHERE condeferrable"

# Rolled back, because DEFERRED afterwards would defer more than what is by default.
CHECK_DEFERRED = (
    "SAVEPOINT test_harness_check",
    "SET CONSTRAINTS ALL IMMEDIATE",
    "ROLLBACK TO SAVEPOINT test_harness_check",
    "RELEASE SAVEPOINT test_harness_check",
)


def connect(
    dialect: Dialect, arguments: Sequence[Any], parameters: dict[str, Any]
) -> DBAPIConnection:
    if dialect.driver == "psycopg2":
        factory = {"connection_factory": guarded_psycopg2()}
        return dialect.connect(*arguments, **{**parameters, **factory})
    if dialect.driver == "asyncpg":
        factory = {"connection_class": guarded_asyncpg()}
        return dialect.connect(*arguments, **{**parameters, **factory})
    guarded = guarded_psycopg_async() if dialect.is_async else guarded_psycopg()
    if dialect.is_async:
        fallback = parameters.pop(FALLBACK, False)
        return created_by(
            lambda: guarded.connect(*arguments, **parameters), dialect, fallback=fallback
        )
    connection: DBAPIConnection = guarded.connect(*arguments, **parameters)
    return connection


def share(dialect: Dialect, connection: DBAPIConnection) -> RealConnection:
    kinds = {"psycopg": PsycopgConnection, "psycopg2": Psycopg2Connection}
    return kinds.get(dialect.driver, AsyncpgConnection)(dialect, connection)


class PsycopgConnection(RealConnection):
    """One connection of libpq, which psycopg's synchronous and asynchronous classes both wrap."""

    def face(self, dialect: Dialect) -> DBAPIConnection | None:
        if dialect.driver != "psycopg":
            return None
        key = face_key(dialect)
        if key not in self.faces:
            made = (guarded_psycopg_async() if key[1] else guarded_psycopg())(self.native.pgconn)
            # As it is already: to set it the public way is refused inside a transaction.
            made._autocommit = True
            # Each class would count the names of its prepared statements from the start.
            made.prepare_threshold = None

            async def connection() -> Any:
                return made

            self.faces[key] = created_by(connection, dialect) if key[1] else made
            self.loop_of_tasks = running_loop() if key[1] else self.loop_of_tasks
            self.guard(self.native.shared)
        return self.faces[key]

    def guard(self, shared: Any) -> None:
        for (_, is_async), face in self.faces.items():
            (face.driver_connection if is_async else face).shared = shared
            if shared is not None and not is_async:
                # One lock for all threads, whichever of the two classes they use.
                face.lock = shared.lock

    def execute(self, *statements: str) -> None:
        lock = self._lock_of_tasks()
        if lock is None:
            self._send(statements)
            return
        try:
            await_only(self._after(lock, statements))
        except MissingGreenlet:
            raise self._is_busy() from None

    def switch(self, statement: str) -> None:
        if statement and self.native.pgconn.transaction_status == IN_TRANSACTION:
            self._send([statement])

    def refuse_while_busy(self) -> None:
        """Let no synchronous code in that would have to wait for a task of the same thread.

        Raises:
            IsolationError: A task awaits an answer.
        """
        if self._lock_of_tasks() is not None:
            raise self._is_busy()

    def _lock_of_tasks(self) -> Any:
        """Return what tasks wait for where one awaits an answer, None where none does."""
        running = self.faces.get(("psycopg", True))
        lock = None if running is None else running.driver_connection.lock
        # A thread is let in only when no answer is on its way, and nobody waits to be next.
        return (
            lock
            if lock is not None and (lock.locked() or lock._waiters) and running_loop()
            else None
        )

    def _is_busy(self) -> IsolationError:
        one_connection.cannot(BUSY)
        return IsolationError(f"{caller()} {BUSY.said}.", f"To have it wait its turn, {MARK}.")

    def in_transaction(self) -> bool:
        return bool(self.native.pgconn.transaction_status)

    def has_deferred_constraints(self) -> bool:
        result = self._send([DEFERRABLE])
        return bool(result.get_value(0, 0) != b"0")

    def check_deferred_constraints(self) -> None:
        self.execute(*CHECK_DEFERRED)

    def close(self) -> None:
        # Both wrappers look at this one.
        running = self.faces.get(("psycopg", True))
        if running is None:
            self.native.pgconn.finish()
        else:
            running.driver_connection.end(self.loop_of_tasks)

    async def _after(self, lock: Any, statements: Sequence[str]) -> None:
        async with lock:
            self._send(statements)

    def _send(self, statements: Sequence[str]) -> Any:
        """Send without the wrappers' transactions and prepared statements."""
        from psycopg.errors import error_from_result
        from psycopg.pq import ExecStatus

        result = self.native.pgconn.exec_("; ".join(statements).encode())
        if result.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
            raise error_from_result(result)
        return result


class Psycopg2Connection(RealConnection):
    """A connection of psycopg2."""

    def __init__(self, dialect: Dialect, connection: DBAPIConnection) -> None:
        super().__init__(dialect, connection)
        from psycopg2.extensions import cursor

        self._cursor = cursor(self.native)

    def execute(self, *statements: str) -> None:
        self._cursor.execute("; ".join(statements))

    def switch(self, statement: str) -> None:
        if statement and self.native.get_transaction_status() == IN_TRANSACTION:
            self.execute(statement)

    def in_transaction(self) -> bool:
        return bool(self.native.get_transaction_status())

    def has_deferred_constraints(self) -> bool:
        self.execute(DEFERRABLE)
        return bool(self._cursor.fetchone()[0])

    def check_deferred_constraints(self) -> None:
        self.execute(*CHECK_DEFERRED)


class AsyncpgConnection(AsyncConnection):
    """A connection of asyncpg."""

    begins_by_itself = False

    def __init__(self, dialect: Dialect, connection: DBAPIConnection) -> None:
        super().__init__(dialect, connection)
        from asyncpg import Connection
        from asyncpg.transaction import Transaction

        self._class = Connection
        # Has `connection.transaction()` take itself for a nested one, which is a savepoint.
        self.native._top_xact = Transaction(self.native, None, False, False)

    def in_transaction(self) -> bool:
        return bool(self.native.is_in_transaction())

    def has_deferred_constraints(self) -> bool:
        return bool(await_only(self._class.fetchval(self.native, DEFERRABLE)))

    def check_deferred_constraints(self) -> None:
        self.execute(*CHECK_DEFERRED)

    async def close_in_loop(self) -> None:
        self.guard(None)
        await self.native.close()

    @property
    def turn_of_tasks(self) -> Any:
        """What a task holds while it awaits an answer."""
        (adapter,) = self.faces.values()
        return adapter._execute_mutex

    async def _send(self, statements: Sequence[str]) -> None:
        async with self.turn_of_tasks:
            # Past the guarded class, for which this would be work past SQLAlchemy.
            sent = self._class.execute(self.native, "; ".join(statements))
            await self._translated(sent)
