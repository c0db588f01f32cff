"""The lock on the network: a test reaches this machine and its services, and nothing beside them.

Python tells of names that it looks up and of sockets that connect, whichever library asks
(https://docs.python.org/3/library/audit_events.html). Not seen are libraries that speak to the
network without Python's sockets, and the Python processes that a test starts.
"""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import socket
from collections import Counter
from collections.abc import Callable
from typing import Any

from sqlalchemy.engine import URL

from test_harness.errors import NetworkBlockedError
from test_harness.lock.callers import caller
from test_harness.lock.connections import LOOKUPS, Lock
from test_harness.lock.services import double_of_caller, offered


class Network:
    """Refuses to look up or reach what is not on this machine.

    Args:
        allowed: Hosts that may be reached all the same.
    """

    def __init__(self, allowed: set[str]) -> None:
        self._allowed = allowed
        self._opened: set[str] | None = set()
        self._resolved: set[str] = set()
        self._resolved_while_open: set[str] = set()
        self._resolving = False
        self._undo: Callable[[], None] = lambda: None
        self.blocked: list[str] = []
        """What was refused since somebody looked."""

    def install(self, lock: Lock) -> None:
        """Refuse from now on what the lock hears of.

        Have event loops ask before they look a name up in a thread, which has no caller.
        """
        loops = asyncio.BaseEventLoop
        original: Any = loops.getaddrinfo

        @functools.wraps(original)
        async def getaddrinfo(loop: Any, host: Any, port: Any, **options: Any) -> Any:
            lock.audit("socket.getaddrinfo", (host, port))
            return await original(loop, host, port, **options)

        lock.network = self.check
        loops.getaddrinfo = getaddrinfo  # type: ignore[assignment, method-assign]
        self._undo = lambda: setattr(loops, "getaddrinfo", original)

    def uninstall(self) -> None:
        """Let go of event loops."""
        self._undo()

    def open(self, hosts: set[str] | None) -> None:
        """Let some hosts be reached besides, until it is said otherwise; None for all."""
        self._opened = hosts
        self._resolved_while_open.clear()

    def check(self, event: str, arguments: tuple[Any, ...]) -> None:
        """See what Python is about to do.

        Raises:
            NetworkBlockedError: It would leave this machine.
        """
        __tracebackhide__ = True
        address = arguments if event in LOOKUPS else arguments[1]
        if self._opened is None or self._resolving or not isinstance(address, tuple):
            return
        host = address[0].decode() if isinstance(address[0], bytes) else address[0]
        port = address[1] if len(address) > 1 else None
        if not host or not isinstance(host, str):
            return
        for known, addresses in (
            (is_local(host) or host in self._allowed, self._resolved),
            (host in self._opened, self._resolved_while_open),
        ):
            if known and event in LOOKUPS:
                addresses.update(self._addresses(host))
            if known or host in addresses:
                return
        where = f"{host}:{port}" if port else host
        error = NetworkBlockedError(caller(), where, offered(double_of_caller()))
        self.blocked.append(error.problem)
        raise error

    def refusals(self) -> str:
        """Say what was refused since somebody looked, and how often."""
        told = [f"{said.rstrip('.')} ({n} times)" for said, n in Counter(self.blocked).items()]
        return ". ".join(told[:2])

    def _addresses(self, host: str) -> set[str]:
        """Return what a name that may be reached stands for."""
        self._resolving = True
        try:
            return {str(address[0]) for *_, address in socket.getaddrinfo(host, None)}
        except OSError:
            return set()
        finally:
            self._resolving = False


def hosts(url: URL) -> list[str]:
    """Return the servers that the address of a database names."""
    named = [url.host]
    # Drivers prefer a host of the query to the one before the path.
    for key in ("host", "hostaddr"):
        given = url.query.get(key, ())
        named += [given] if isinstance(given, str) else given
    return [host for host in named if host]


def is_local(host: str) -> bool:
    """Loopback, a socket folder, or a name without a dot, as compose and CI give their services."""
    if host.startswith("/") or "." not in host.replace(":", "."):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host.endswith(".localhost") or host in {"host.docker.internal", socket.gethostname()}
    return address.is_loopback or address.is_unspecified


def is_this_machine(host: str) -> bool:
    """Tell whether a name stands for this machine itself, and for nothing beside it.

    What a shell happens to export says of no server that it is for tests, and a short name may be
    anybody's.
    """
    if host.startswith("/"):
        return True
    try:
        found = {address[0] for *_, address in socket.getaddrinfo(host, None)}
    except OSError:
        return False
    return bool(found) and all(ipaddress.ip_address(str(it)).is_loopback for it in found)
