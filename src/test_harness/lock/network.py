"""The lock on the network: a test reaches this machine and its services, and nothing beside them.

Python tells of names that it looks up and of sockets that connect, whichever library asks
(https://docs.python.org/3/library/audit_events.html). Not seen are libraries that speak to the
network without Python's sockets. A Python that a test starts is refused services alone.
"""

from __future__ import annotations

import functools
import ipaddress
import os
import socket
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from test_harness.errors import NetworkBlockedError
from test_harness.lock.callers import caller
from test_harness.lock.children import HOSTS_OF_CHILDREN
from test_harness.lock.connections import LOOKUPS, SERVICE, Lock
from test_harness.lock.services import (
    double_for,
    double_of_caller,
    doubles,
    offered,
    service_of_caller,
)

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

ALL_HOSTS = "*"


class Network:
    """Refuses to look up or reach what is not on this machine.

    Args:
        allowed: Hosts that may be reached all the same.
    """

    def __init__(self, allowed: set[str]) -> None:
        self._allowed = allowed
        self._opened: set[str] | None = set()
        self._resolved: set[str] = set()
        self._resolved_by_name: set[str] = set()
        self._resolved_while_open: set[str] = set()
        self._resolving = False
        self._undo: Callable[[], None] = lambda: None
        self._are_own: Callable[[Any], bool] = lambda port: False
        self.blocked: list[str] = []
        """What was refused since somebody looked."""

    def install(self, lock: Lock) -> None:
        """Refuse from now on what the lock hears of.

        Have event loops ask before they look a name up in a thread, which has no caller.
        """
        import asyncio  # Not needed by the Python that a test starts.

        loops = asyncio.BaseEventLoop
        original: Any = loops.getaddrinfo

        @functools.wraps(original)
        async def getaddrinfo(loop: Any, host: Any, port: Any, **options: Any) -> Any:
            lock.audit("socket.getaddrinfo", (host, port))
            return await original(loop, host, port, **options)

        self.ask(lock)
        self._tell_children()
        loops.getaddrinfo = getaddrinfo  # type: ignore[assignment, method-assign]
        self._undo = lambda: setattr(loops, "getaddrinfo", original)

    def ask(self, lock: Lock) -> None:
        """Have the lock ask what may be reached."""
        lock.network = self.check
        self._are_own = lock.sockets.are_own

    def uninstall(self) -> None:
        """Let go of event loops."""
        os.environ.pop(HOSTS_OF_CHILDREN, None)
        self._undo()

    def _tell_children(self) -> None:
        opened = {ALL_HOSTS} if self._opened is None else self._opened
        os.environ[HOSTS_OF_CHILDREN] = " ".join(sorted({*self._allowed, *opened}))

    def open(self, hosts: set[str] | None) -> None:
        """Let some hosts be reached besides, until it is said otherwise; None for all."""
        self._opened = hosts
        self._resolved_while_open.clear()
        self._tell_children()

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
        if is_local(host):
            self._check_service(event, arguments[0], host, port)
        for known, addresses in (
            (host in self._allowed, self._resolved_by_name),
            (is_local(host) or host in self._allowed, self._resolved),
            (host in self._opened, self._resolved_while_open),
        ):
            if known and event in LOOKUPS:
                addresses.update(self._addresses(host))
            if known or host in addresses:
                return
        self._refuse(host, port, offered(double_of_caller()))

    def _check_service(self, event: str, said: Any, host: str, port: Any) -> None:
        """Refuse a service on this machine that is somebody's, as a database of theirs is."""
        opened = self._opened or set()
        named = {*self._allowed, *opened, *self._resolved_by_name, *self._resolved_while_open}
        if event in LOOKUPS or host in named or self._are_own(port):
            return
        what, double = (said, double_for(said)) if event == SERVICE else service_of_caller()
        if what:
            self._refuse_service(host, port, what, double)

    def _refuse_service(self, host: str, port: Any, what: str, double: str) -> None:
        if double not in doubles():
            self._refuse(host, port, offered(double), what)

    def _refuse(self, host: str, port: Any, offer: str, what: str = "") -> None:
        where = f"{host}:{port}" if port else host
        error = NetworkBlockedError(caller(), where, offer, what)
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


class NetworkOfChildren(Network):
    """Of a Python that a test starts, which may reach what its parent may, and has no doubles."""

    def __init__(self) -> None:
        super().__init__(set(os.environ.get(HOSTS_OF_CHILDREN, "").split()))
        if ALL_HOSTS in self._allowed:
            self._opened = None
        for host in self._allowed:
            with suppress(OSError):
                self._resolved_by_name |= {str(it[4][0]) for it in socket.getaddrinfo(host, None)}

    def check(self, event: str, arguments: tuple[Any, ...]) -> None:
        """See what Python is about to do; only services of this machine are refused."""
        __tracebackhide__ = True
        address = arguments[-1]
        if event not in {"socket.connect", SERVICE} or not isinstance(address, tuple):
            return
        if self._opened is not None and is_local(str(address[0])):
            self._check_service(event, arguments[0], *address[:2])

    def _refuse_service(self, host: str, port: Any, what: str, double: str) -> None:
        self._refuse(host, port, "", what)


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
