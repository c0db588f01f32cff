"""Servers that stand where a database would: one counts who knocked, one can be made to die."""

from __future__ import annotations

import errno
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress


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


class Forwarder:
    """A server on this machine that hands every connection on to another, until it dies.

    It dies as soon as somebody connects to its switch, who is let go when it is dead.

    Args:
        target: The port of the other server.
        port: Where it listens.
    """

    def __init__(self, target: int, port: int) -> None:
        self._target = ("127.0.0.1", target)
        self.port = port
        self._listener = socket.create_server(("127.0.0.1", port))
        self._switch = socket.create_server(("127.0.0.1", 0))
        self.switch: int = self._switch.getsockname()[1]
        self._open: list[socket.socket] = []
        for job in (self._accept, self._wait):
            threading.Thread(target=job, daemon=True).start()

    def _accept(self) -> None:
        # Accepting ends with an error when the listener is shut down.
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._target)
                self._open += [near, far]
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=pair, daemon=True).start()

    @staticmethod
    def _pass_on(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        _shut_down(target)

    def _wait(self) -> None:
        with suppress(OSError), self._switch.accept()[0]:
            self.die()

    def die(self) -> None:
        """End all connections and take no more."""
        for opened in (self._listener, *self._open, self._switch):
            _shut_down(opened)
            opened.close()


def _shut_down(opened: socket.socket) -> None:
    with suppress(OSError):
        opened.shutdown(socket.SHUT_RDWR)


@contextmanager
def forwarder_to(target: int) -> Iterator[Forwarder]:
    """A server that hands every connection on to the one of this machine on that port."""
    # Held, so that nobody else listens there when it is dead.
    with closed_port() as port:
        forwarder = Forwarder(target, port)
        try:
            yield forwarder
        finally:
            forwarder.die()


@contextmanager
def closed_port() -> Iterator[int]:
    """A port of this machine that refuses connections, until a server is told to listen there.

    Nobody else is given it meanwhile.
    """
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]
