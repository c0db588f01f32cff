"""Driver connections that leave ending a transaction, and closing, to the harness.

SQLAlchemy's own commits are taken over in its dialect (`seam.py`). These are for code that works on
the driver's connection: `engine.raw_connection()`, COPY, `connection.close()`. They are subclasses,
so that `isinstance` and the driver's C code see what they expect.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.util import greenlet_spawn

from harness.transactions import SharedConnection


class Guarded:
    """Mixed into a synchronous driver's connection class; does nothing until `shared` is set."""

    shared: SharedConnection | None = None

    def cursor(self, *args: Any, **kwargs: Any) -> Any:
        """Return a cursor, whose statements are part of a transaction that can be rolled back."""
        if self.shared is not None:
            self.shared.before_raw()
        return super().cursor(*args, **kwargs)  # type: ignore[misc]

    def commit(self) -> None:
        """Keep what was done, until the test ends."""
        if self.shared is None:
            super().commit()  # type: ignore[misc]
        else:
            self.shared.raw_commit()

    def rollback(self) -> None:
        """Undo what was done since the last commit."""
        if self.shared is None:
            super().rollback()  # type: ignore[misc]
        else:
            self.shared.raw_rollback()

    def close(self) -> None:
        """Close the connection, unless tests share it."""
        if self.shared is None:
            super().close()  # type: ignore[misc]


class GuardedAsync:
    """Mixed into an asynchronous driver's connection class; does nothing until `shared` is set."""

    shared: SharedConnection | None = None

    async def commit(self) -> None:
        """Keep what was done, until the test ends."""
        if self.shared is None:
            await super().commit()  # type: ignore[misc]
        else:
            self.shared.raw_commit()

    async def rollback(self) -> None:
        """Undo what was done since the last commit."""
        if self.shared is None:
            await super().rollback()  # type: ignore[misc]
        else:
            await greenlet_spawn(self.shared.raw_rollback)

    async def before_raw(self) -> None:
        """Begin a transaction if this is not part of one already."""
        if self.shared is not None and self.shared.is_raw:
            await greenlet_spawn(self.shared.before_raw)
