"""What a test asked the application for, what was answered, and which of its functions did."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from test_harness.application.routes import function_behind
from test_harness.lock.callers import is_of_a_library, shown_place, undecorated
from test_harness.settings import settings

MOST = 200
SOCKET = "WEBSOCKET"


@dataclass
class Exchange:
    """One request; `answer` is empty as long as there is none.

    `ended` says that the last of the body was sent; a stream may go on for ever. `broke` says that
    an exception came of it, whatever was answered before.
    """

    method: str
    path: str
    answer: str = ""
    broke: bool = False
    ended: bool = False
    endpoint: Any = None
    parameters: Mapping[str, Any] | None = None

    @property
    def route(self) -> str:
        """The method and the path, whose parts go by the names of their parameters."""
        named = {str(value): name for name, value in (self.parameters or {}).items()}
        parts = [f"{{{named[part]}}}" if part in named else part for part in self.path.split("/")]
        return f"{self.method} {'/'.join(parts)}"

    @property
    def line(self) -> str:
        """`file:line` of the function that answered; the file of the application without one."""
        return _line_of(self.endpoint, self.method) or _file_of_application()


_exchanges: deque[Exchange] = deque(maxlen=MOST)


# Whose connection it is said to be; empty for that of the client.
_peer: list[str] = [""]


def come_from(address: str) -> None:
    """Have requests come from an address, until another one is said.

    Args:
        address: Of who asks; empty for whatever the client says.
    """
    _peer[0] = address


def forget() -> None:
    """Begin anew, for the next test."""
    _exchanges.clear()


def latest() -> Exchange | None:
    """Return what was asked for last; None if nothing was."""
    return _exchanges[-1] if _exchanges else None


def sockets() -> list[str]:
    """Return the paths of the sockets that were asked for."""
    return [one.path for one in _exchanges if one.method == SOCKET]


def exchange_of(method: str, path: str) -> Exchange:
    """Return the latest of a method and a path; one without a function if it was not noted."""
    same = (one for one in reversed(_exchanges) if (one.method, one.path) == (method, path))
    return next(same, Exchange(method, path))


def noted_asgi(app: Any) -> Callable[..., Any]:
    """Return an ASGI application whose exchanges are noted."""

    async def call(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if _peer[0]:
            scope["client"] = (_peer[0], 50000)
        made = Exchange(scope.get("method", scope["type"].upper()), scope["path"])
        _exchanges.append(made)

        async def noted(message: dict[str, Any]) -> None:
            made.answer = _answer_in(message) or made.answer
            is_last = message["type"] == "http.response.body" and not message.get("more_body")
            made.ended = made.ended or is_last
            await send(message)

        try:
            await app(scope, receive, noted)
        except BaseException:
            made.broke = True
            raise
        finally:
            # Routers leave it in the scope: Starlette's its function, Litestar's what holds it.
            handler = scope.get("route_handler")
            made.endpoint = scope.get("endpoint") or getattr(handler, "fn", None)
            made.parameters = scope.get("path_params")

    return call


def noted_wsgi(app: Any) -> Callable[..., Iterable[bytes]]:
    """Return a WSGI application whose exchanges are noted."""

    def call(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if _peer[0]:
            environ["REMOTE_ADDR"] = _peer[0]
        made = Exchange(environ["REQUEST_METHOD"], environ["PATH_INFO"])
        _found_by_flask(app, made)
        _exchanges.append(made)

        def noted(status: str, *rest: Any) -> Any:
            made.answer = status.partition(" ")[0]
            return start_response(status, *rest)

        try:
            answered: Iterable[bytes] = app(environ, noted)
        except BaseException:
            made.broke = True
            raise
        return answered

    return call


def _found_by_flask(app: Any, made: Exchange) -> None:
    """Find out what answered: Flask forgets that at the end of each request."""
    try:
        endpoint, made.parameters = app.url_map.bind("").match(made.path, made.method)
    except Exception:  # noqa: BLE001 - of werkzeug, which the application may be without
        return
    made.endpoint = app.view_functions.get(endpoint)


def _answer_in(message: Mapping[str, Any]) -> str:
    kind = message["type"]
    if kind.endswith("http.response.start"):
        return str(message["status"])
    if kind == "websocket.accept":
        return "accepted"
    return f"closed with {message.get('code', 1000)}" if kind == "websocket.close" else ""


def _line_of(endpoint: Any, method: str) -> str:
    """Return where a function is, or the method of a class that answers."""
    function = function_behind(endpoint, method)
    code = getattr(undecorated(function), "__code__", None) if function else None
    if code is None or is_of_a_library(code.co_filename):
        return ""
    return shown_place(code.co_filename, code.co_firstlineno)


def _file_of_application() -> str:
    module = sys.modules.get(settings().application.import_path.partition(":")[0])
    file = getattr(module, "__file__", None) or ""
    return shown_place(file) if file and Path(file).exists() else ""
