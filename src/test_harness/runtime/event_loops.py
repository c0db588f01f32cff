"""An event loop for code that asks for the current one, as an `env.py` run by hand may."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import event
from sqlalchemy.pool import ConnectionPoolEntry, Pool


@contextmanager
def loop_at_hand() -> Iterator[None]:
    """Have a current event loop, which does not run, and leave everything as it was.

    `asyncio.get_event_loop()` makes one in the main thread alone, on some versions of Python, and
    `asyncio.run()` takes it away. What SQLAlchemy calls `async_fallback` runs in the current loop.
    """
    before = _policy()
    # A policy remembers what is the current loop; a new one of its kind makes loops of its kind.
    _use(type(before)())
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        with _closed_with_loop(loop):
            yield
    finally:
        _use(before)
        loop.close()


@contextmanager
def _closed_with_loop(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Close what pools of `async_fallback` keep open, which only this loop can."""
    with connections_noted() as opened:
        try:
            yield
        finally:
            asyncio.set_event_loop(loop)
            for record in opened:
                connection = record.dbapi_connection
                if type(connection).__name__.startswith("AsyncAdaptFallback"):
                    # A server may have hung up on it.
                    with suppress(Exception):
                        connection.close()  # type: ignore[union-attr]
                    record.invalidate()
            loop.run_until_complete(loop.shutdown_asyncgens())


@contextmanager
def connections_noted() -> Iterator[list[ConnectionPoolEntry]]:
    """Within the block note what pools open; those that were closed since have no connection."""
    opened: list[ConnectionPoolEntry] = []

    def note(connection: Any, record: ConnectionPoolEntry) -> None:
        opened.append(record)

    event.listen(Pool, "connect", note)
    try:
        yield opened
    finally:
        event.remove(Pool, "connect", note)


def _policy() -> Any:
    # From 3.14 on Python warns of policies, which it keeps until 3.16.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return asyncio.get_event_loop_policy()


def _use(policy: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        asyncio.set_event_loop_policy(policy)
