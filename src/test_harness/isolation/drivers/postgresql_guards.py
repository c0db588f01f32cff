"""psycopg and psycopg2: connections and cursors that leave ending a transaction to the harness.

Each is made where its driver is asked for, since a project has one of them installed.
"""

from __future__ import annotations

from asyncio import TimeoutError as AsyncTimeoutError
from asyncio import wait_for
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from typing import Any

from test_harness.isolation.drivers.guards import (
    Guarded,
    GuardedAsync,
    GuardedAsyncCursor,
    GuardedCursor,
)
from test_harness.isolation.roles import switch

# How long what is closed waits for an answer that is on its way.
CLOSE_SECONDS = 5


class NotesCopies:
    """Mixed into the cursor classes of psycopg, for `COPY`."""

    connection: Any

    def copy(self, statement: Any, *args: Any, **kwargs: Any) -> Any:
        """Begin a copy."""
        if self.connection.shared is not None:
            self.connection.shared.raw.takes(statement)
        return super().copy(statement, *args, **kwargs)  # type: ignore[misc]


class NotesExpertCopies:
    """Mixed into the cursor classes of psycopg2, for `COPY`."""

    connection: Any

    def copy_expert(self, statement: Any, *args: Any, **kwargs: Any) -> Any:
        """Do a whole copy."""
        if self.connection.shared is not None:
            self.connection.shared.raw.takes(statement)
        return super().copy_expert(statement, *args, **kwargs)  # type: ignore[misc]


@cache
def guarded_psycopg2() -> type[Any]:
    from psycopg2.extensions import connection, cursor

    class GuardedPsycopg2(Guarded, connection):  # type: ignore[misc]
        """The connection of psycopg2."""

        def cursor(self, *args: Any, **kwargs: Any) -> Any:
            # A named cursor is for a transaction that psycopg2 knows of, or has to outlive it.
            if args or kwargs.get("name"):
                kwargs.setdefault("withhold", True)
            kind = kwargs.get("cursor_factory") or self.cursor_factory or cursor
            kwargs["cursor_factory"] = _guarded_psycopg2_cursor(kind)
            return super().cursor(*args, **kwargs)

    return GuardedPsycopg2


@cache
def _guarded_psycopg2_cursor(kind: type[Any]) -> type[Any]:
    return type(f"Guarded{kind.__name__}", (GuardedCursor, NotesExpertCopies, kind), {})


@cache
def guarded_psycopg() -> type[Any]:
    from psycopg import Connection, Cursor

    connection: Any = Connection
    cursor: Any = Cursor

    class GuardedPsycopgCursor(GuardedCursor, NotesCopies, cursor):  # type: ignore[misc]
        """The cursor of psycopg."""

        def execute(self, statement: Any, *args: Any, **kwargs: Any) -> Any:
            if self.connection.shared is not None:
                self.connection.shared.real.refuse_while_busy()
            return super().execute(statement, *args, **kwargs)

    class GuardedPsycopg(Guarded, connection):  # type: ignore[misc]
        """The connection of psycopg."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.cursor_factory = GuardedPsycopgCursor

        @contextmanager
        def transaction(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
            if self.shared is not None and self.shared.connecting:
                # What SQLAlchemy asks for then: others may end a savepoint meanwhile.
                yield None
                return
            outermost = self.shared is not None and not self.shared.raw.began
            with super().transaction(*args, **kwargs) as begun:
                yield begun
            if outermost:
                self.commit()

        def close(self) -> None:
            if self.shared is not None:
                return
            # What another thread awaits there would be answered into memory that is free.
            is_alone = self.lock.acquire(timeout=CLOSE_SECONDS)
            try:
                super().close()
            finally:
                if is_alone:
                    self.lock.release()

    return GuardedPsycopg


@cache
def guarded_psycopg_async() -> type[Any]:
    from psycopg import AsyncConnection, AsyncCursor

    connection: Any = AsyncConnection
    cursor: Any = AsyncCursor

    class GuardedAsyncPsycopgCursor(GuardedAsyncCursor, cursor):  # type: ignore[misc]
        """The asynchronous cursor of psycopg."""

        async def stream(self, statement: Any, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
            await self.connection.before_raw(statement)
            async for row in super().stream(statement, *args, **kwargs):
                yield row

        @asynccontextmanager
        async def copy(self, statement: Any, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
            await self.connection.before_raw(statement)
            async with super().copy(statement, *args, **kwargs) as begun:
                yield begun

    class GuardedAsyncPsycopg(GuardedAsync, connection):  # type: ignore[misc]
        """The asynchronous connection of psycopg, whose `execute` takes a cursor as well."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.cursor_factory = GuardedAsyncPsycopgCursor

        ends = False
        """Whether it is closed when the answer that a task awaits is there."""

        async def wait(self, *args: Any, **kwargs: Any) -> Any:
            try:
                shared = self.shared
                if shared is None:
                    return await super().wait(*args, **kwargs)
                with shared.lock:
                    shared.real.switch(switch(shared))
                    return await super().wait(*args, **kwargs)
            finally:
                if self.ends:
                    self.pgconn.finish()

        def end(self, loop: Any) -> None:
            """Close the connection of libpq, which a task that awaits an answer has the address of.

            Args:
                loop: That of the task; where it is closed, nobody goes on.
            """
            if self.lock.locked() and loop is not None and not loop.is_closed():
                self.ends = True
            else:
                self.pgconn.finish()

        @asynccontextmanager
        async def transaction(self, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
            if self.shared is not None and self.shared.connecting:
                yield None
                return
            outermost = self.shared is not None and not self.shared.raw.began
            async with super().transaction(*args, **kwargs) as begun:
                yield begun
            if outermost:
                await self.commit()

        async def close(self) -> None:
            if self.shared is not None:
                return
            if self.lock.locked():
                try:
                    await wait_for(self.lock.acquire(), CLOSE_SECONDS)
                except (TimeoutError, AsyncTimeoutError, RuntimeError):
                    # For ever, or in another loop.
                    self.ends = True
                    return
                self.lock.release()
            await super().close()

    return GuardedAsyncPsycopg
