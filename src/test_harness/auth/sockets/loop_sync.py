"""Sockets for tests that are no coroutines."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any


class LoopSocket:
    """A client's end of a socket, whose application runs while the client waits for it.

    Args:
        socket: The socket, or the client of Socket.IO.
        loop: The application's event loop.
    """

    def __init__(self, socket: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._socket = socket
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        # Each method of the socket, without the `await`.
        method = getattr(self._socket, name)
        if not inspect.iscoroutinefunction(method):
            return method
        return lambda *args, **kwargs: self._loop.run_until_complete(method(*args, **kwargs))
