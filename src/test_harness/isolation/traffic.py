"""What is on its way on a connection that tests share, and how it is held up while a test ends.

A task that the application started goes on between two tests. What it sent after the ROLLBACK of
the first would stand in no transaction, and stay for good.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy.util import await_only

from test_harness.isolation.drivers.real import running_loop


class Traffic:
    """Who sends something at this moment."""

    def __init__(self) -> None:
        self._sending: set[int] = set()
        self.controls = 0
        """How many transactions are begun or undone, which is asked for too often for a block."""
        self._held_up: asyncio.Event | None = None

    @property
    def is_sending(self) -> bool:
        """Whether a statement of SQLAlchemy's is on its way."""
        return bool(self._sending)

    @property
    def is_quiet(self) -> bool:
        """Whether nothing at all is on its way."""
        return not (self._sending or self.controls)

    def enter(self, proxy: Any) -> None:
        """Note that a pooled connection sends a statement, when it may."""
        if self._held_up is not None:
            await_only(self._held_up.wait())
        self._sending.add(id(proxy))

    def leave(self, proxy: Any) -> None:
        """Note that there is an answer, or none to come."""
        self._sending.discard(id(proxy))

    def alone(self, function: Callable[[], None], lock: AbstractContextManager[Any]) -> None:
        """Call a function while no task of the event loop sends anything.

        Args:
            function: What is called.
            lock: What it holds meanwhile; what is on its way may need it before.
        """
        if self.is_quiet or running_loop() is None:
            with lock:
                function()
            return
        self._held_up = asyncio.Event()
        try:
            while not self.is_quiet:
                await_only(asyncio.sleep(0))
            with lock:
                function()
        finally:
            self._held_up.set()
            self._held_up = None
