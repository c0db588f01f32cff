"""WebSockets of an ASGI application.

Source: https://asgi.readthedocs.io/en/latest/specs/www.html#websocket
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote, urlsplit

from test_harness.application.clients import ANONYMOUS, Credential
from test_harness.auth.sockets.opening import NORMAL, Opening, SocketClosed
from test_harness.settings import settings

SECONDS_TO_ANSWER = 5.0


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
        if answer["type"].endswith("http.response.start"):
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


@asynccontextmanager
async def opened(
    app: Any, credential: Credential = ANONYMOUS, path: str = ""
) -> AsyncIterator[WebSocket]:
    """Open a socket for the block, at the path of the settings if no other is given."""
    socket = WebSocket(app, Opening.of(path or settings().flows.socket_path, credential))
    try:
        await socket.open()
        yield socket
    finally:
        await socket.close()
