"""Counts the statements that any engine sends and the requests that any client sends."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import event
from sqlalchemy.engine import Engine

from test_harness.application.own_account import is_on_own_account, is_told
from test_harness.isolation.dialects import told
from test_harness.lock.callers import caller

# How a transaction goes; how it ends is not counted either.
OF_TRANSACTIONS = ("SAVEPOINT", "RELEASE", "ROLLBACK")
# Beyond these a test has told what it asks for.
MOST_PATHS = 50

# Where clients of every kind go through: module, class, method, and whether it is a coroutine.
DOORS = (
    ("httpx", "Client", "send", False),
    ("httpx", "AsyncClient", "send", True),
    ("httpx2", "Client", "send", False),
    ("httpx2", "AsyncClient", "send", True),
    ("requests.sessions", "Session", "send", False),
    ("werkzeug.test", "Client", "run_wsgi_app", False),
    ("aiohttp.client", "ClientSession", "_request", True),
    ("urllib.request", "OpenerDirector", "open", False),
)


def _of_object(request: Any, *rest: Any) -> tuple[str, str]:
    return request.method, str(request.url)


def _of_environ(environ: Any, *rest: Any) -> tuple[str, str]:
    host = environ.get("HTTP_HOST", "localhost")
    return environ["REQUEST_METHOD"], f"http://{host}{environ['PATH_INFO']}"


def _of_names(method: str, url: Any, *rest: Any) -> tuple[str, str]:
    return method, str(url)


def _of_urllib(url: Any, *rest: Any) -> tuple[str, str]:
    return ("GET", url) if isinstance(url, str) else (url.get_method(), url.full_url)


READERS: dict[str, Callable[..., tuple[str, str]]] = {
    "httpx": _of_object,
    "httpx2": _of_object,
    "requests.sessions": _of_object,
    "werkzeug.test": _of_environ,
    "aiohttp.client": _of_names,
    "urllib.request": _of_urllib,
}


@dataclass
class Counts:
    """What was sent since the last time they were emptied.

    Args:
        statements: How often each statement was sent.
        paths: How often each method of each address was asked for, of the first that were.
        requests: How many requests there were.
        allowed: After how many statements the line that sends them is looked for.
        line: That line, as `file:line`.
        own_hosts: What the application under test is called in addresses; elsewhere a host is told.
    """

    statements: dict[str, int] = field(default_factory=dict)
    paths: dict[str, int] = field(default_factory=dict)
    sent: int = 0
    requests: int = 0
    allowed: float = float("inf")
    line: str = ""
    own_hosts: frozenset[str] = frozenset()

    def empty(self) -> None:
        """Begin anew."""
        self.statements, self.paths = {}, {}
        self.sent = self.requests = 0
        self.line = ""


class Counter:
    """Counts while it is switched on; at no other time does anything cost more.

    Args:
        counts: What is counted into.
    """

    def __init__(self, counts: Counts) -> None:
        self.counts = counts
        self.is_on = False
        self._wrapped: dict[tuple[str, str], tuple[Any, Any]] = {}
        self._modules = 0

    def install(self, *, by_seam: bool = False) -> None:
        """Listen to every engine of the process.

        Args:
            by_seam: Whether the seam holds all of them, which tells of statements at less cost.
        """
        if by_seam:
            told.append(self._note)
        else:
            event.listen(Engine, "before_cursor_execute", self._note_statement)

    def uninstall(self) -> None:
        """Leave engines and clients as they were, also where the run ended before it began."""
        if self._note in told:
            told.remove(self._note)
        if event.contains(Engine, "before_cursor_execute", self._note_statement):
            event.remove(Engine, "before_cursor_execute", self._note_statement)
        for (module, name), (original, ours) in self._wrapped.items():
            class_name, _, method = name.partition(".")
            kind = getattr(sys.modules.get(module), class_name, None)
            # Somebody else may have put something in its place since.
            if kind is not None and kind.__dict__.get(method) is ours:
                setattr(kind, method, original)
        self._wrapped.clear()

    def look_at_clients(self) -> None:
        """Count what clients send whose libraries were imported since the last look."""
        if len(sys.modules) == self._modules:
            return
        self._modules = len(sys.modules)
        for module, class_name, method, is_coroutine in DOORS:
            place = (module, f"{class_name}.{method}")
            kind = getattr(sys.modules.get(module), class_name, None)
            if kind is None or place in self._wrapped or method not in kind.__dict__:
                continue
            original = kind.__dict__[method]
            ours = self._noting(original, READERS[module], is_coroutine)
            setattr(kind, method, ours)
            self._wrapped[place] = (original, ours)

    def _note_statement(self, conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        self._note(statement)

    def _note(self, statement: str) -> None:
        if not self.is_on or statement.startswith(OF_TRANSACTIONS) or is_on_own_account():
            return
        counts = self.counts
        counts.sent += 1
        times = counts.statements[statement] = counts.statements.get(statement, 0) + 1
        if counts.sent > counts.allowed and times > 1 and not counts.line:
            counts.line = caller()

    def _noting(
        self, original: Any, read: Callable[..., tuple[str, str]], is_coroutine: bool
    ) -> Any:
        if is_coroutine:

            @functools.wraps(original)
            async def send_later(client: Any, *args: Any, **kwargs: Any) -> Any:
                self._note_request(read, args)
                return await original(client, *args, **kwargs)

            return send_later

        @functools.wraps(original)
        def send(client: Any, *args: Any, **kwargs: Any) -> Any:
            self._note_request(read, args)
            return original(client, *args, **kwargs)

        return send

    def _note_request(self, read: Callable[..., tuple[str, str]], args: tuple[Any, ...]) -> None:
        if not self.is_on or not is_told():
            return
        counts = self.counts
        counts.requests += not is_on_own_account()
        # What is asked for is of use, and never a reason for a test to fail.
        try:
            method, url = read(*args)
            address = urlsplit(url)
        except Exception:  # noqa: BLE001
            return
        host = "" if address.netloc in counts.own_hosts else f"//{address.netloc}"
        asked = f"{method} {host}{address.path or '/'}"
        if asked in counts.paths or len(counts.paths) < MOST_PATHS:
            counts.paths[asked] = counts.paths.get(asked, 0) + 1
