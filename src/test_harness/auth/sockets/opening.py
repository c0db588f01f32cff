"""Sockets of the application: what a client shows when it opens one, and how it is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from string import Template
from typing import Any
from urllib.parse import urlencode

from test_harness.application.clients import ANONYMOUS
from test_harness.auth.styles import Credential, style
from test_harness.settings import settings

NORMAL = 1000

# Gives a context with a client of Socket.IO, whichever way that reaches the application.
OpenSocketIO = Callable[..., Any]


class SocketClosed(Exception):  # noqa: N818 - that it is closed is no error by itself
    """The application refused or closed a socket.

    Args:
        code: What it was closed with, or the status that its handshake got.
        reason: What the application says.
    """

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(f"the socket was closed with {code}{f': {reason}' if reason else ''}")
        self.code = code
        self.reason = reason


class ConnectionRefused(Exception):  # noqa: N818 - a refusal is what some tests expect
    """The application refused a client.

    Args:
        answer: What it says, as python-socketio puts it: `{"message": "..."}`; empty where that is
            not known.
    """

    def __init__(self, answer: Any) -> None:
        super().__init__(f"the application refused the connection{f': {answer}' if answer else ''}")
        self.answer = answer


@dataclass(frozen=True)
class Opening:
    """What a client sends to open a socket, and right after it is open."""

    path: str
    headers: dict[str, str] = field(default_factory=dict)
    subprotocols: list[str] = field(default_factory=list)
    message: Any = None

    @classmethod
    def of(cls, path: str, credential: Credential = ANONYMOUS, where: str = "") -> Opening:
        """Return how a client opens a socket that shows a credential where settings say.

        Args:
            path: Of the socket.
            credential: What is shown.
            where: The place, if it is not that of `socket_token`.
        """
        place, _, detail = (where or settings().flows.socket_token).partition(":")
        query = {**credential.parameters}
        headers = {**credential.headers}
        if credential.cookies:
            pairs = [f"{name}={value}" for name, value in credential.cookies.items()]
            headers["cookie"] = "; ".join(pairs)
        subprotocols: list[str] = []
        message = None
        token = style().token(credential) if credential != ANONYMOUS else ""
        if token and place == "query":
            query[detail] = token
        elif token and place == "subprotocol":
            subprotocols = [*filter(None, [detail]), token]
        elif token and place in {"message", "auth"}:
            message = json.loads(Template(detail).substitute(token=token))
        if place in {"query", "subprotocol", "message", "auth"}:
            headers = {}
        joined = "&" if "?" in path else "?"
        shown = f"{path}{joined}{urlencode(query)}" if query else path
        return cls(shown, headers, subprotocols, message)
