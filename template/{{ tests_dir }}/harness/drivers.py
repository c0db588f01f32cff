"""How to send transaction control to a DBAPI connection, whichever driver made it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, cast

from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect
from sqlalchemy.util import await_only

# Drivers that take several statements in one round trip.
ONE_ROUND_TRIP = {"psycopg", "psycopg2", "asyncpg"}


class Driver:
    """Sends statements to one real connection, past SQLAlchemy and the driver's transactions.

    Args:
        dialect: The dialect that opened the connection.
        connection: The DBAPI connection as SQLAlchemy knows it, an adapter for async drivers.
    """

    def __init__(self, dialect: Dialect, connection: DBAPIConnection) -> None:
        self.dialect = dialect
        self.connection = connection
        self.is_async = dialect.is_async
        self.loop = asyncio.get_running_loop() if self.is_async else None

    def execute(self, *statements: str) -> None:
        """Run the statements; for an async driver, from within a SQLAlchemy greenlet."""
        for statement in self._round_trips(statements):
            if self.is_async:
                await_only(self._send(statement))
            elif self.dialect.driver == "psycopg":
                # A prepared statement cannot hold several commands.
                self._native.execute(statement, prepare=False)
            else:
                cursor = self.connection.cursor()
                cursor.execute(statement)
                cursor.close()

    def execute_from_outside(self, *statements: str) -> None:
        """Run the statements from synchronous code while the connection's event loop is idle."""
        if self.loop is None:
            self.execute(*statements)
        elif not self.loop.is_closed():
            self.loop.run_until_complete(self._send_all(statements))

    def close(self) -> None:
        """Close the real connection of a synchronous driver."""
        self.connection.close()

    async def close_in_loop(self) -> None:
        """Close the real connection of an asynchronous driver, in the event loop that opened it."""
        await self._native.close()

    @property
    def _native(self) -> Any:
        return self.connection.driver_connection if self.is_async else self.connection

    def _round_trips(self, statements: tuple[str, ...]) -> tuple[str, ...]:
        if self.dialect.driver in ONE_ROUND_TRIP and len(statements) > 1:
            return ("; ".join(statements),)
        return statements

    def _send(self, statement: str) -> Awaitable[Any]:
        if self.dialect.driver == "psycopg":
            return cast(Awaitable[Any], self._native.execute(statement, prepare=False))
        return cast(Awaitable[Any], self._native.execute(statement))

    async def _send_all(self, statements: tuple[str, ...]) -> None:
        for statement in self._round_trips(statements):
            await self._send(statement)
