"""MySQL's and MariaDB's drivers: pymysql, for mysqlclient as well; asyncmy and aiomysql after it.

On these servers DDL commits the transaction it stands in, so inside a test it is refused.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Coroutine, Sequence
from functools import cache
from typing import Any

from pymysql.constants.ER import SP_DOES_NOT_EXIST
from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect

from test_harness.isolation.drivers.guards import Guarded, GuardedAsync
from test_harness.isolation.drivers.mysql_statements import (
    UNSURE,
    committed,
    may_commit,
    refuse_in_tests,
    refuse_other_databases,
)
from test_harness.isolation.drivers.real import (
    FALLBACK,
    AsyncConnection,
    RealConnection,
    created_by,
)


def connect(
    dialect: Dialect, arguments: Sequence[Any], parameters: dict[str, Any]
) -> DBAPIConnection:
    if not dialect.is_async:
        connection = _guarded_pymysql()(*arguments, **parameters)
        # By the name that mysqlclient has for it, where pymysql stands in.
        connection.own_database = parameters.get("database") or parameters["db"]
        made: DBAPIConnection = connection
        return made
    opened = _open_aiomysql if dialect.driver == "aiomysql" else _open_asyncmy
    fallback = parameters.pop(FALLBACK, False)
    return created_by(lambda: opened(*arguments, **parameters), dialect, fallback=fallback)


def share(dialect: Dialect, connection: DBAPIConnection) -> RealConnection:
    kind = AsyncMySQLConnection if dialect.is_async else MySQLConnection
    return kind(dialect, connection)


# Of what the server says of itself with each answer, the bit for a transaction that is open.
# https://dev.mysql.com/doc/dev/mysql-server/latest/mysql__com_8h.html
IN_TRANSACTION = 1


class Asked(RealConnection):
    """A connection whose server is asked whether a transaction is there still."""

    replaces_savepoints = True

    is_unsure = has_ended = False
    """Whether it is asked before the transaction is used, and whether it was gone then."""

    def is_there_still(self) -> bool:
        """Tell whether the transaction is there, as far as the server was, or has to be, asked."""
        if self.is_unsure:
            self.is_unsure = False
            try:
                self.execute(f"RELEASE SAVEPOINT {UNSURE}")
            except self.dbapi.Error:
                self.has_ended = True
        return not self.has_ended


class MySQLConnection(Asked):
    """A connection of pymysql."""

    def in_transaction(self) -> bool:
        return self.is_there_still() and bool(self.native.server_status & IN_TRANSACTION)

    def execute(self, *statements: str) -> None:
        for statement in statements:
            self.native.query_unguarded(statement)


class AsyncMySQLConnection(Asked, AsyncConnection):
    """A connection of asyncmy or aiomysql."""

    def in_transaction(self) -> bool:
        return self.is_there_still() and bool(self.native.get_transaction_status())

    async def close_in_loop(self) -> None:
        self.guard(None)
        await self.native.ensure_closed()

    async def _send(self, statements: Sequence[str]) -> None:
        (adapter,) = self.faces.values()
        async with adapter._execute_mutex:
            for statement in statements:
                await self._translated(self.native.query_unguarded(statement))


def buffered(cursor: type[Any] | None) -> type[Any] | None:
    """Return the kind of cursor that reads its rows at once.

    The other kind occupies the connection until its last row, and here others use it as well.
    """
    if cursor is None or not cursor.__name__.startswith("SS"):
        return cursor
    kind: type[Any] = getattr(
        importlib.import_module(cursor.__module__), cursor.__name__.removeprefix("SS")
    )
    return kind


async def _whole(answer: Coroutine[Any, Any, Any]) -> Any:
    """Await what the server answers, all of it even when the caller is cancelled.

    Drivers close a connection that they stopped to read from, and this one is everybody's.
    """
    reading = asyncio.ensure_future(answer)
    try:
        return await asyncio.shield(reading)
    except asyncio.CancelledError:
        await asyncio.wait([reading])
        raise


@cache
def _guarded_pymysql() -> type[Any]:
    from pymysql.connections import Connection

    class GuardedPyMySQL(Guarded, Connection):  # type: ignore[misc]
        """The connection of pymysql."""

        own_database = ""
        _result: Any

        def cursor(self, cursor: type[Any] | None = None) -> Any:
            return super().cursor(cursor if self.shared is None else buffered(cursor))

        def query(self, sql: str | bytes, unbuffered: bool = False) -> int:
            refuse_other_databases(sql, self.own_database)
            if self.shared is None:
                return int(super().query(sql, unbuffered))
            if not self.shared.connecting:
                refuse_in_tests(sql)
            self.shared.raw.takes(sql)
            with self.shared.turn:
                if self.shared.connecting or not may_commit(sql):
                    return int(super().query(sql, unbuffered))
                return self._query_unsure(sql, unbuffered)

        def _query_unsure(self, sql: str | bytes, unbuffered: bool) -> int:
            """Send a statement that may commit, and ask whether it did."""
            super().query(f"SAVEPOINT {UNSURE}")
            rows, failed = 0, None
            try:
                rows = int(super().query(sql, unbuffered))
            except self.Error as error:
                failed = error
            real: Any = self.shared.real  # type: ignore[union-attr]
            answer: Any = self._result
            # Further results of a procedure would be lost, so that it is asked later.
            if failed is None and answer and answer.has_next:
                real.is_unsure = True
                return rows
            try:
                super().query(f"RELEASE SAVEPOINT {UNSURE}")
            except self.Error as error:
                if not _has_committed(error):
                    raise (failed or error) from None
                real.has_ended = True
                raise committed(sql) from failed
            self._result = answer
            if failed is not None:
                raise failed
            return rows

        def query_unguarded(self, sql: str) -> None:
            super().query(sql)

        def select_db(self, db: str) -> None:
            refuse_other_databases(f"USE {db}", self.own_database)
            super().select_db(db)

        def begin(self) -> None:
            if self.shared is None:
                super().begin()
            else:
                self.shared.raw.begin()

        def autocommit(self, value: Any) -> None:
            if self.shared is None:
                super().autocommit(value)
            elif value:
                self.commit()

    return GuardedPyMySQL


def _has_committed(error: Exception) -> bool:
    """Tell whether a server says of a savepoint that there is none any more."""
    return error.args[:1] == (SP_DOES_NOT_EXIST,)


def _guarded_async(connection: type[Any]) -> type[Any]:
    class GuardedAsyncMySQL(GuardedAsync, connection):  # type: ignore[misc]
        """The connection of a driver that is made after pymysql."""

        own_database = ""
        _result: Any

        def cursor(self, *cursors: type[Any]) -> Any:
            if self.shared is None:
                return super().cursor(*cursors)
            return super().cursor(*map(buffered, cursors))

        async def query(self, sql: str | bytes, unbuffered: bool = False) -> Any:
            refuse_other_databases(sql, self.own_database)
            if self.shared is None or self.shared.connecting:
                return await super().query(sql, unbuffered)
            refuse_in_tests(sql)
            await self.before_raw(sql)
            if not may_commit(sql):
                return await _whole(super().query(sql, unbuffered))
            return await _whole(self._query_unsure(sql, unbuffered))

        async def _query_unsure(self, sql: str | bytes, unbuffered: bool) -> Any:
            await super().query(f"SAVEPOINT {UNSURE}")
            real: Any = self.shared.real  # type: ignore[union-attr]
            failed: Exception | None = None
            rows: Any = 0
            try:
                rows = await super().query(sql, unbuffered)
            except Exception as error:  # noqa: BLE001 - it is raised again
                failed = error
            answer = self._result
            if failed is None and answer and answer.has_next:
                real.is_unsure = True
                return rows
            try:
                await super().query(f"RELEASE SAVEPOINT {UNSURE}")
            except Exception as error:  # noqa: BLE001 - it is raised again, or explained
                if not _has_committed(error):
                    raise (failed or error) from None
                real.has_ended = True
                raise committed(sql) from failed
            self._result = answer
            if failed is not None:
                raise failed
            return rows

        async def query_unguarded(self, sql: str) -> None:
            await super().query(sql)

        async def select_db(self, db: str) -> None:
            refuse_other_databases(f"USE {db}", self.own_database)
            await super().select_db(db)

        async def begin(self) -> None:
            if self.shared is None:
                await super().begin()
            else:
                await self.before_raw()

        async def autocommit(self, value: Any) -> None:
            if self.shared is None:
                await super().autocommit(value)
            elif value:
                await self.commit()

        async def ensure_closed(self) -> None:
            if self.shared is None:
                await super().ensure_closed()

        def close(self) -> None:
            if self.shared is None:
                super().close()

    return GuardedAsyncMySQL


@cache
def _guarded_aiomysql() -> type[Any]:
    from aiomysql.connection import Connection

    return _guarded_async(Connection)


@cache
def _guarded_asyncmy() -> type[Any]:
    from asyncmy.connection import Connection

    return _guarded_async(Connection)


async def _open_aiomysql(*arguments: Any, **parameters: Any) -> Any:
    connection = _guarded_aiomysql()(*arguments, **parameters)
    await connection._connect()
    connection.own_database = parameters["db"]
    return connection


async def _open_asyncmy(*arguments: Any, **parameters: Any) -> Any:
    connection = _guarded_asyncmy()(*arguments, **parameters)
    await connection.connect()
    connection.own_database = parameters["db"]
    return connection
