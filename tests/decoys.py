"""Servers that stand where a production database would, let nobody in, and count who knocked."""

from __future__ import annotations

import errno
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Decoy:
    """A server on this machine that closes every connection as soon as it is made.

    Args:
        port: Where it listens; 0 takes any that is free.
    """

    def __init__(self, port: int) -> None:
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        self._knocked: list[tuple[str, int]] = []
        self._last: tuple[str, int] | None = None
        self._thread = threading.Thread(target=self._count, daemon=True)
        self._thread.start()

    def _count(self) -> None:
        while True:
            connection, address = self._listener.accept()
            connection.close()
            if address == self._last:
                return
            self._knocked.append(address)

    def connections(self) -> int:
        """Stop listening and return how many came, those that waited to be accepted included."""
        if self._thread.is_alive():
            with socket.socket() as last:
                last.bind(("127.0.0.1", 0))
                self._last = last.getsockname()
                # Connections are accepted in the order they came, so this one is behind all others.
                last.connect(("127.0.0.1", self.port))
                self._thread.join()
            self._listener.close()
        return len(self._knocked)


@contextmanager
def decoy_on(*ports: int) -> Iterator[Decoy]:
    """A decoy on the first of the ports that nobody listens on, as soon as there is one."""
    decoy = None
    while decoy is None:
        for port in ports:
            try:
                decoy = Decoy(port)
                break
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
        else:
            time.sleep(0.1)
    try:
        yield decoy
    finally:
        decoy.connections()


@contextmanager
def closed_port() -> Iterator[int]:
    """A port of this machine that refuses connections, and that nobody else can take meanwhile."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]
