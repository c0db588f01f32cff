"""WebSockets of an ASGI application, and how a client shows itself when it opens one.

Source: https://asgi.readthedocs.io/en/latest/specs/www.html#websocket
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from string import Template
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from harness.auth import Credential, style
from harness.clients import ANONYMOUS
from harness.settings import settings

SECONDS_TO_ANSWER = 5.0
NORMAL = 1000


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


@dataclass(frozen=True)
class Opening:
    """What a client sends to open a socket, and right after it is open."""

    path: str
    headers: dict[str, str] = field(default_factory=dict)
    subprotocols: list[str] = field(default_factory=list)
    message: Any = None

    @classmethod
    def of(cls, path: str, credential: Credential = ANONYMOUS) -> Opening:
        """Return how a client opens a socket that shows a credential where settings say."""
        place, _, detail = settings().flows.socket_token.partition(":")
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
        elif token and place == "message":
            message = json.loads(Template(detail).substitute(token=token))
        if place in {"query", "subprotocol", "message"}:
            headers = {}
        joined = "&" if "?" in path else "?"
        shown = f"{path}{joined}{urlencode(query)}" if query else path
        return cls(shown, headers, subprotocols, message)


class WebSocket:
    """A client's end of a socket.

    Args:
        app: The application.
        opening: How it is opened.
    """

    def __init__(self, app: Any, opening: Opening) -> None:
        self._app = app
        self._opening = opening
        self._to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._from_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._is_open = False
        self.subprotocol: str | None = None
        """Which of those that were offered the application took."""

    async def open(self) -> None:
        """Shake hands.

        Raises:
            SocketClosed: The application does not want to.
        """
        self._task = asyncio.create_task(
            self._app(self._scope(), self._to_app.get, self._from_app.put)
        )
        await self._to_app.put({"type": "websocket.connect"})
        answer = await self._next()
        if answer["type"] == "websocket.http.response.start":
            raise SocketClosed(answer["status"])
        self.subprotocol = answer.get("subprotocol")
        self._is_open = True
        if self._opening.message is not None:
            await self.send_json(self._opening.message)

    async def send_text(self, text: str) -> None:
        """Send a text."""
        await self._to_app.put({"type": "websocket.receive", "text": text})

    async def send_json(self, data: Any) -> None:
        """Send data as a text in JSON."""
        await self.send_text(json.dumps(data))

    async def send_bytes(self, data: bytes) -> None:
        """Send bytes."""
        await self._to_app.put({"type": "websocket.receive", "bytes": data})

    async def receive(self) -> str | bytes:
        """Return the next message.

        Raises:
            SocketClosed: There is none, because the application closed the socket.
            TimeoutError: There is none yet.
        """
        message = await self._next()
        text = message.get("text")
        return text if text is not None else bytes(message["bytes"])

    async def receive_json(self) -> Any:
        """Return the next message, decoded from JSON."""
        return json.loads(await self.receive())

    async def receives_nothing(self, seconds: float = 0.05) -> bool:
        """Tell whether no message comes for a while."""
        await asyncio.sleep(seconds)
        return self._from_app.empty()

    async def close(self, code: int = NORMAL) -> None:
        """Close the socket, and wait until the application is done with it."""
        if self._task is None:
            return
        if self._is_open:
            self._is_open = False
            await self._to_app.put({"type": "websocket.disconnect", "code": code, "reason": ""})
        done, _ = await asyncio.wait({self._task}, timeout=SECONDS_TO_ANSWER)
        if not done:
            self._task.cancel()
            raise TimeoutError("The application goes on though the client closed the socket.")
        await self._task

    async def _next(self) -> dict[str, Any]:
        assert self._task is not None, "open() comes first"
        coming = asyncio.create_task(self._from_app.get())
        await asyncio.wait(
            {coming, self._task}, timeout=SECONDS_TO_ANSWER, return_when=asyncio.FIRST_COMPLETED
        )
        if not coming.done():
            coming.cancel()
            if self._task.done():
                self._is_open = False
                await self._task  # Raises what the application raised.
                raise SocketClosed(NORMAL, "the application ended without a word")
            raise TimeoutError(f"The application said nothing for {SECONDS_TO_ANSWER} seconds.")
        message = coming.result()
        if message["type"] == "websocket.close":
            self._is_open = False
            raise SocketClosed(message.get("code", NORMAL), message.get("reason") or "")
        return message

    def _scope(self) -> dict[str, Any]:
        parts = urlsplit(self._opening.path)
        host = urlsplit(settings().application.base_url).netloc
        headers = {"host": host, **self._opening.headers}
        if self._opening.subprotocols:
            headers["sec-websocket-protocol"] = ", ".join(self._opening.subprotocols)
        return {
            "type": "websocket",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": "ws",
            "server": (host.partition(":")[0], 80),
            "client": ("127.0.0.1", 12345),
            "root_path": "",
            "path": parts.path,
            "raw_path": quote(parts.path).encode(),
            "query_string": parts.query.encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            "subprotocols": self._opening.subprotocols,
            "state": {},
            "extensions": {"websocket.http.response": {}},
        }
