"""Sockets of Python: which servers are a test's own, and what is said first to any other."""

from __future__ import annotations

import functools
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol
from weakref import WeakSet

from test_harness.lock.greetings import DATABASES, greeted


class Greets(Protocol):
    """Is told of a server that is spoken to, and raises where it must not be."""

    def __call__(self, what: str, address: Any, *, is_database: bool) -> None: ...


class Sockets:
    """Reads what sockets send first, and knows those that listen in this process.

    Args:
        sees: Whether anything is to be read just now.
        greets: Is told of a server that is greeted, before it hears of it.
    """

    def __init__(self, sees: Callable[[], bool], greets: Greets) -> None:
        self._sees, self._greets = sees, greets
        self._bound: WeakSet[socket.socket] = WeakSet()

    def bound(self, listening: Any) -> None:
        """Note a socket that is given an address of this machine."""
        with suppress(TypeError):  # It is one of C, which cannot be referred to so.
            self._bound.add(listening)

    def are_own(self, port: Any) -> bool:
        """Tell whether a server of this process listens on a port: a test may speak to that."""
        for listening in list(self._bound):
            with suppress(OSError):  # It is closed, or has no address yet.
                address = listening.getsockname()
                if isinstance(address, tuple) and address[1] == port:
                    return True
        return False

    @contextmanager
    def read(self) -> Iterator[None]:
        """Within the block what is sent is read before it is."""
        kind: Any = socket.socket
        before = {name: vars(kind).get(name) for name in ("send", "sendall")}
        for name in before:
            setattr(kind, name, self._reading(getattr(kind, name)))
        try:
            yield
        finally:
            for name, original in before.items():
                if original is None:
                    delattr(kind, name)
                else:
                    setattr(kind, name, original)

    def _reading(self, original: Any) -> Any:
        @functools.wraps(original)
        def send(opened: Any, data: Any, *flags: Any) -> Any:
            __tracebackhide__ = True
            if (what := greeted(data)) and self._sees():
                self._check(opened, what)
            return original(opened, data, *flags)

        return send

    def _check(self, opened: Any, what: str) -> None:
        __tracebackhide__ = True
        try:
            address = opened.getpeername()
        except OSError:
            return
        if not (isinstance(address, tuple) and self.are_own(address[1])):
            self._greets(what, address, is_database=what in DATABASES)
