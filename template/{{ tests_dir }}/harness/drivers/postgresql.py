"""PostgreSQL's drivers: psycopg, synchronous and asynchronous on one connection; psycopg2; asyncpg.

Statements of the harness are sent several at a time, as the simple query protocol has it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext
from functools import cache
from typing import Any

from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect
from sqlalchemy.util import await_only

from harness.drivers import AsyncConnection, RealConnection, created_by, face_key, running_loop
from harness.drivers.guards import Guarded, GuardedAsync
from harness.lock import permitted

DEFERRABLE = "SELECT count(*) FROM pg_constraint WHERE condeferrable"

# Rolled back, because DEFERRED afterwards would defer more than what is by default.
CHECK_DEFERRED = (
    "SAVEPOINT test_harness_check",
    "SET CONSTRAINTS ALL IMMEDIATE",
    "ROLLBACK TO SAVEPOINT test_harness_check",
    "RELEASE SAVEPOINT test_harness_check",
)


def connect(
    dialect: Dialect, arguments: Sequence[Any], parameters: Mapping[str, Any]
) -> DBAPIConnection:
    if dialect.driver == "psycopg2":
        factory = {"connection_factory": _guarded_psycopg2()}
        return dialect.connect(*arguments, **{**parameters, **factory})
    if dialect.driver == "asyncpg":
        factory = {"connection_class": _guarded_asyncpg()}
        return dialect.connect(*arguments, **{**parameters, **factory})
    guarded = _guarded_psycopg_async() if dialect.is_async else _guarded_psycopg()
    if dialect.is_async:
        return created_by(lambda: guarded.connect(*arguments, **parameters), dialect)
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
            made = (_guarded_psycopg_async() if key[1] else _guarded_psycopg())(self.native.pgconn)
            # As it is already: to set it the public way is refused inside a transaction.
            made._autocommit = True
            # Each class would count the names of its prepared statements from the start.
            made.prepare_threshold = None

            async def connection() -> Any:
                return made

            self.faces[key] = created_by(connection, dialect) if key[1] else made
            self.guard(self.native.shared)
        return self.faces[key]

    def guard(self, shared: Any) -> None:
        for (_, is_async), face in self.faces.items():
            (face.driver_connection if is_async else face).shared = shared
            if shared is not None and not is_async:
                # One lock for all threads, whichever of the two classes they use.
                face.lock = shared.lock

    def execute(self, *statements: str) -> None:
        running = self.faces.get(("psycopg", True))
        # A thread is let in only when no answer is on its way.
        if running is not None and running.driver_connection.lock.locked() and running_loop():
            await_only(self._after(running.driver_connection.lock, statements))
        else:
            self._send(statements)

    def in_transaction(self) -> bool:
        return bool(self.native.pgconn.transaction_status)

    def has_deferred_constraints(self) -> bool:
        result = self._send([DEFERRABLE])
        return bool(result.get_value(0, 0) != b"0")

    def check_deferred_constraints(self) -> None:
        self.execute(*CHECK_DEFERRED)

    def close(self) -> None:
        # Both wrappers look at this one.
        self.native.pgconn.finish()

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

    async def _send(self, statements: Sequence[str]) -> None:
        (adapter,) = self.faces.values()
        async with adapter._execute_mutex:
            # Past the guarded class, for which this would be work past SQLAlchemy.
            sent = self._class.execute(self.native, "; ".join(statements))
            await self._translated(sent)


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

    connection: Any = Connection

    class GuardedPsycopg(Guarded, connection):  # type: ignore[misc]
        """The connection of psycopg."""

        @contextmanager
        def transaction(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
            if self.shared is not None and self.shared.connecting:
                # What SQLAlchemy asks for then: others may end a savepoint meanwhile.
                yield None
                return
            outermost = self.shared is not None and not self.shared.raw_began
            with super().transaction(*args, **kwargs) as begun:
                yield begun
            if outermost:
                self.commit()

    return GuardedPsycopg


@cache
def _guarded_psycopg_async() -> type[Any]:
    from psycopg import AsyncConnection

    connection: Any = AsyncConnection

    class GuardedAsyncPsycopg(GuardedAsync, connection):  # type: ignore[misc]
        """The asynchronous connection of psycopg, whose `execute` takes a cursor as well."""

        def cursor(self, *args: Any, **kwargs: Any) -> Any:
            if self.shared is not None:
                self.shared.before_raw()
            return super().cursor(*args, **kwargs)

        async def wait(self, *args: Any, **kwargs: Any) -> Any:
            with nullcontext() if self.shared is None else self.shared.lock:
                return await super().wait(*args, **kwargs)

        @asynccontextmanager
        async def transaction(self, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
            if self.shared is not None and self.shared.connecting:
                yield None
                return
            outermost = self.shared is not None and not self.shared.raw_began
            async with super().transaction(*args, **kwargs) as begun:
                yield begun
            if outermost:
                await self.commit()

        async def close(self) -> None:
            if self.shared is None:
                await super().close()

    return GuardedAsyncPsycopg


@cache
def _guarded_asyncpg() -> type[Any]:
    from asyncpg import Connection

    class GuardedAsyncpg(GuardedAsync, Connection):  # type: ignore[misc]
        """The connection of asyncpg, all of whose calls come down to these."""

        async def execute(self, *args: Any, **kwargs: Any) -> Any:
            await self.before_raw()
            return await super().execute(*args, **kwargs)

        async def _execute(self, *args: Any, **kwargs: Any) -> Any:
            await self.before_raw()
            return await super()._execute(*args, **kwargs)

        async def _executemany(self, *args: Any, **kwargs: Any) -> Any:
            await self.before_raw()
            return await super()._executemany(*args, **kwargs)

        async def _prepare(self, *args: Any, **kwargs: Any) -> Any:
            await self.before_raw()
            return await super()._prepare(*args, **kwargs)

        async def _copy_in(self, *args: Any, **kwargs: Any) -> Any:
            await self.before_raw()
            return await super()._copy_in(*args, **kwargs)

        async def _copy_in_records(self, *args: Any, **kwargs: Any) -> Any:
            await self.before_raw()
            return await super()._copy_in_records(*args, **kwargs)

        async def _cancel(self, *args: Any) -> None:
            # On a connection of its own, as PostgreSQL has it.
            with permitted():
                await super()._cancel(*args)

        async def close(self, *, timeout: float | None = None) -> None:
            if self.shared is None:
                await super().close(timeout=timeout)

        def terminate(self) -> None:
            if self.shared is None:
                super().terminate()

    return GuardedAsyncpg
