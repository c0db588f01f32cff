"""asyncpg: a connection that leaves ending a transaction to the harness.

It is made where its driver is asked for, since a project has one of them installed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import cache
from typing import Any

from test_harness.isolation.drivers.guards import GuardedAsync
from test_harness.isolation.roles import switch
from test_harness.lock.connections import permitted


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
            self._connection.note_cursor(self._query)
            made = super().cursor(*args, **kwargs)
            return SwitchingCursor(self._connection, made)

        async def _PreparedStatement__do_execute(self, *args: Any) -> Any:  # noqa: N802
            if await self._connection.before_raw(self._query):
                return [], b"", True
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
            if await self.before_raw(query):
                return []
            await self.switch(query)
            return await super()._execute(query, *args, **kwargs)

        async def _executemany(self, query: str, *args: Any, **kwargs: Any) -> Any:
            if await self.before_raw(query):
                return None
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

        async def _prepare(self, query: str, **kwargs: Any) -> Any:
            if self.shared is not None and not self.shared.is_sending:
                self.shared.read(query)
            await self.before_raw()
            prepared = await super()._prepare(query, **kwargs)
            return GuardedStatement(self, query, prepared._state)

        def cursor(self, query: str, *args: Any, **kwargs: Any) -> Any:
            self.note_cursor(query)
            return SwitchingCursor(self, super().cursor(query, *args, **kwargs))

        def note_cursor(self, query: str) -> None:
            # Which asyncpg has within a transaction only, so there is one.
            if self.shared is not None:
                self.shared.read(query)
                self.shared.raw.takes(None)

        async def _copy_in(self, *args: Any, **kwargs: Any) -> Any:
            await self.before_raw()
            await self.switch()
            return await super()._copy_in(*args, **kwargs)

        async def _copy_in_records(self, *args: Any, **kwargs: Any) -> Any:
            await self.before_raw()
            await self.switch()
            return await super()._copy_in_records(*args, **kwargs)

        async def set_type_codec(self, *args: Any, **kwargs: Any) -> None:
            self.note_setting("set_type_codec()")
            await super().set_type_codec(*args, **kwargs)

        async def set_builtin_type_codec(self, *args: Any, **kwargs: Any) -> None:
            self.note_setting("set_builtin_type_codec()")
            await super().set_builtin_type_codec(*args, **kwargs)

        async def reset_type_codec(self, *args: Any, **kwargs: Any) -> None:
            self.note_setting("reset_type_codec()")
            await super().reset_type_codec(*args, **kwargs)

        def add_query_logger(self, callback: Any) -> None:
            self.note_setting("add_query_logger()")
            super().add_query_logger(callback)

        def add_log_listener(self, callback: Any) -> None:
            self.note_setting("add_log_listener()")
            super().add_log_listener(callback)

        async def _cancel(self, *args: Any) -> None:
            # On a connection of its own, as PostgreSQL has it.
            with permitted():
                await super()._cancel(*args)

        async def reset(self, *, timeout: float | None = None) -> None:
            if self.shared is None:
                await super().reset(timeout=timeout)
            else:  # What the transaction around the test is for asyncpg, it goes on to be.
                await self.rollback()
                await self.execute(self.get_reset_query())

        async def close(self, *, timeout: float | None = None) -> None:
            if self.shared is None:
                await super().close(timeout=timeout)

        def terminate(self) -> None:
            if self.shared is None:
                super().terminate()

    return GuardedAsyncpg
