"""Driver connections that leave ending a transaction, and closing, to the harness.

SQLAlchemy's own commits are taken over in its dialect (`seam.py`). These are for code that works on
the driver's connection: `engine.raw_connection()`, COPY, `connection.close()`. They are subclasses,
so that `isinstance` and the driver's C code see what they expect.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.util import greenlet_spawn

from test_harness.isolation.raw import Shared
from test_harness.isolation.roles import switch


class NotesSettings:
    """Mixed into connection classes, for what changes them for whoever uses them next."""

    shared: Shared | None = None

    def note_setting(self, call: str) -> None:
        """Note a call that a rollback does not undo, unless a `connect` listener does it.

        Args:
            call: What it is, as it stands behind the connection.
        """
        shared = self.shared
        if shared is not None and not shared.connecting and not shared.outlived_by:
            shared.outlived_by = f"connection.{call}"


class Guarded(NotesSettings):
    """Mixed into a synchronous driver's connection class; does nothing until `shared` is set."""

    def cursor(self, *args: Any, **kwargs: Any) -> Any:
        """Return a cursor, whose statements are part of a transaction that can be rolled back."""
        if self.shared is not None:
            self.shared.raw.begin()
        return super().cursor(*args, **kwargs)  # type: ignore[misc]

    def commit(self) -> None:
        """Keep what was done, until the test ends."""
        if self.shared is None:
            super().commit()  # type: ignore[misc]
        else:
            self.shared.raw.commit()

    def rollback(self) -> None:
        """Undo what was done since the last commit."""
        if self.shared is None:
            super().rollback()  # type: ignore[misc]
        else:
            self.shared.raw.rollback()

    def close(self) -> None:
        """Close the connection, unless tests share it."""
        if self.shared is None:
            super().close()  # type: ignore[misc]


class GuardedCursor:
    """Mixed into a synchronous driver's cursor class, for the statements of `Guarded`."""

    connection: Any

    def execute(self, statement: Any, *args: Any, **kwargs: Any) -> Any:
        """Send a statement, unless it only begins or ends a transaction."""
        shared = self.connection.shared
        if shared is not None:
            if shared.raw.takes(statement):
                return self
            _as_application(shared)
        return super().execute(statement, *args, **kwargs)  # type: ignore[misc]

    def executemany(self, statement: Any, *args: Any, **kwargs: Any) -> Any:
        """Send a statement with several sets of parameters."""
        shared = self.connection.shared
        if shared is not None:
            shared.raw.takes(statement)
            _as_application(shared)
        return super().executemany(statement, *args, **kwargs)  # type: ignore[misc]


def _as_application(shared: Shared) -> None:
    # What SQLAlchemy sends, it has said who sends.
    if not shared.is_sending:
        shared.real.switch(switch(shared))


class GuardedAsyncCursor:
    """Mixed into an asynchronous driver's cursor class, for the statements of `GuardedAsync`."""

    connection: Any

    async def execute(self, statement: Any, *args: Any, **kwargs: Any) -> Any:
        """Send a statement, unless it only begins or ends a transaction."""
        if await self.connection.before_raw(statement):
            return self
        return await super().execute(statement, *args, **kwargs)  # type: ignore[misc]

    async def executemany(self, statement: Any, *args: Any, **kwargs: Any) -> Any:
        """Send a statement with several sets of parameters."""
        await self.connection.before_raw(statement)
        return await super().executemany(statement, *args, **kwargs)  # type: ignore[misc]


class GuardedAsync(NotesSettings):
    """Mixed into an asynchronous driver's connection class; does nothing until `shared` is set."""

    async def commit(self) -> None:
        """Keep what was done, until the test ends."""
        if self.shared is None:
            await super().commit()  # type: ignore[misc]
        else:
            await greenlet_spawn(self.shared.raw.commit)

    async def rollback(self) -> None:
        """Undo what was done since the last commit."""
        if self.shared is None:
            await super().rollback()  # type: ignore[misc]
        else:
            await greenlet_spawn(self.shared.raw.rollback)

    async def before_raw(self, statement: Any = None) -> bool:
        """Begin a transaction if this is not part of one already.

        Returns:
            Whether `statement` does nothing else than that, or ends one, and is not to be sent.
        """
        if self.shared is None or self.shared.is_sending:
            return False
        if self.shared.raw.is_apart:
            await greenlet_spawn(self.shared.raw.begin)
        return bool(await greenlet_spawn(self.shared.raw.takes, statement))
