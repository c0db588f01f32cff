"""PostgreSQL's drivers: connections and cursors that leave ending a transaction to the harness.

Each is made where its driver is asked for, since a project has one of them installed.
"""

from __future__ import annotations

from asyncio import TimeoutError as AsyncTimeoutError
from asyncio import wait_for
from collections.abc import AsyncIterator, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    asynccontextmanager,
    contextmanager,
    nullcontext,
)
from functools import cache
from typing import Any

from test_harness.isolation.drivers.guards import (
    Guarded,
    GuardedAsync,
    GuardedAsyncCursor,
    GuardedCursor,
)
from test_harness.isolation.roles import switch
from test_harness.isolation.ways_out import refuse_way_out
from test_harness.lock.connections import permitted

# How long what is closed waits for an answer that is on its way.
CLOSE_SECONDS = 5


class NotesCopies:
    """Mixed into the cursor classes of psycopg, for `COPY`."""

    connection: Any

    def copy(self, statement: Any, *args: Any, **kwargs: Any) -> Any:
        """Begin a copy."""
        _note_copy(self.connection.shared, statement)
        return super().copy(statement, *args, **kwargs)  # type: ignore[misc]


class NotesExpertCopies:
    """Mixed into the cursor classes of psycopg2, for `COPY`."""

    connection: Any

    def copy_expert(self, statement: Any, *args: Any, **kwargs: Any) -> Any:
        """Do a whole copy."""
        _note_copy(self.connection.shared, statement)
        return super().copy_expert(statement, *args, **kwargs)  # type: ignore[misc]


def _note_copy(shared: Any, statement: Any) -> None:
    if shared is not None:
        shared.raw.takes(statement if isinstance(statement, (str, bytes)) else "COPY")


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
            said = statement if isinstance(statement, (str, bytes)) else "COPY"
            await self.connection.before_raw(said)
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


@cache
def guarded_asyncpg() -> type[Any]:
    from asyncpg import Connection
    from asyncpg.prepared_stmt import PreparedStatement

    class FetchingCursor:
        """A cursor whose rows are fetched while no task awaits an answer of another statement."""

        def __init__(self, connection: Any, made: Any) -> None:
            self._connection, self._made = connection, made

        def __getattr__(self, name: str) -> Any:
            return getattr(self._made, name)

        async def fetch(self, *args: Any, **kwargs: Any) -> Any:
            async with self._connection.turn():
                return await self._made.fetch(*args, **kwargs)

        async def fetchrow(self, *args: Any, **kwargs: Any) -> Any:
            async with self._connection.turn():
                return await self._made.fetchrow(*args, **kwargs)

    class SwitchingCursor:
        """A cursor that is about to be begun, by whoever awaits it or goes through it."""

        def __init__(self, connection: Any, made: Any) -> None:
            self._connection, self._made = connection, made

        def __await__(self) -> Any:
            return self._begun().__await__()

        async def __aiter__(self) -> AsyncIterator[Any]:
            await self._connection.switch()
            async for row in self._made:
                yield row

        async def _begun(self) -> Any:
            await self._connection.switch()
            return FetchingCursor(self._connection, await self._made)

    class GuardedStatement(PreparedStatement):  # type: ignore[misc]
        """A statement that was prepared, maybe before the transaction that it is executed in."""

        __slots__ = ()

        def cursor(self, *args: Any, **kwargs: Any) -> Any:
            self._connection.note_cursor()
            made = super().cursor(*args, **kwargs)
            return SwitchingCursor(self._connection, made)

        async def _PreparedStatement__do_execute(self, *args: Any) -> Any:  # noqa: N802
            await self._connection.before_raw()
            await self._connection.switch(self._query)
            return await super()._PreparedStatement__do_execute(*args)

    class GuardedAsyncpg(GuardedAsync, Connection):  # type: ignore[misc]
        """The connection of asyncpg, all of whose calls come down to these."""

        async def execute(self, *args: Any, **kwargs: Any) -> Any:
            if await self.before_raw(*args[:1]):
                return args[0]
            await self.switch(*args[:1])
            return await super().execute(*args, **kwargs)

        async def _execute(self, query: str, *args: Any, **kwargs: Any) -> Any:
            await self.before_query(query)
            await self.switch(query)
            return await super()._execute(query, *args, **kwargs)

        async def _executemany(self, query: str, *args: Any, **kwargs: Any) -> Any:
            await self.before_query(query)
            await self.switch(query)
            return await super()._executemany(query, *args, **kwargs)

        def turn(self) -> AbstractAsyncContextManager[Any]:
            """Return what SQLAlchemy's statements wait for, which fetch without it."""
            return nullcontext() if self.shared is None else self.shared.real.turn_of_tasks

        async def switch(self, query: str = "") -> None:
            # Which is all that is heard in a transaction that has failed.
            is_back = query.lstrip()[:8].upper() == "ROLLBACK"
            if self.shared is None or is_back or not self.is_in_transaction():
                return
            if statement := switch(self.shared):
                await super().execute(statement)

        async def before_query(self, query: str) -> None:
            if self.shared is not None and not self.shared.is_sending:
                refuse_way_out(query, "postgresql")
            await self.before_raw()

        async def _prepare(self, query: str, **kwargs: Any) -> Any:
            await self.before_query(query)
            prepared = await super()._prepare(query, **kwargs)
            return GuardedStatement(self, query, prepared._state)

        def cursor(self, *args: Any, **kwargs: Any) -> Any:
            self.note_cursor()
            return SwitchingCursor(self, super().cursor(*args, **kwargs))

        def note_cursor(self) -> None:
            # Which asyncpg has within a transaction only, so there is one.
            if self.shared is not None:
                self.shared.raw.takes(None)

        async def _copy_in(self, *args: Any, **kwargs: Any) -> Any:
            await self.before_raw()
            await self.switch()
            return await super()._copy_in(*args, **kwargs)

        async def _copy_in_records(self, *args: Any, **kwargs: Any) -> Any:
            await self.before_raw()
            await self.switch()
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
