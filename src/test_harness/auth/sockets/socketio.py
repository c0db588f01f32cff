"""A client of Socket.IO, version 5 of its protocol, on a WebSocket of the application.

Sources: https://socket.io/docs/v4/socket-io-protocol/, https://socket.io/docs/v4/engine-io-protocol/
"""

from __future__ import annotations

import json
import re
from collections import deque
from dataclasses import replace
from typing import Any

from test_harness.application.clients import ANONYMOUS, Credential
from test_harness.auth.sockets.opening import (
    NORMAL,
    ConnectionRefused,
    Opening,
    SocketClosed,
)
from test_harness.auth.sockets.websocket import WebSocket
from test_harness.errors import ApplicationError
from test_harness.settings import settings

# Packets of Engine.IO, which every text begins with.
OPEN, CLOSE, PING, PONG, MESSAGE = "0", "1", "2", "3", "4"
# Packets of Socket.IO, which each lies in a message of Engine.IO.
CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR = "0", "1", "2", "3", "4"

UPGRADE = {"connection": "Upgrade", "upgrade": "websocket"}
# What kind it is, its namespace unless that is the main one, a number where it is acknowledged.
PACKET = re.compile(r"4([0-4])(?:(/[^,]*)(?:,|$))?(\d+)?(.*)", re.DOTALL)


class SocketIO:
    """A client's end of a connection, in one namespace.

    Args:
        app: The application.
        credential: What the client shows, where the settings say.
        namespace: Which one it connects to.
    """

    def __init__(self, app: Any, credential: Credential = ANONYMOUS, namespace: str = "/") -> None:
        flows = settings().flows
        path = f"{flows.socketio_path.rstrip('/')}/?EIO=4&transport=websocket"
        opening = Opening.of(path, credential, flows.socketio_token)
        headers = {**opening.headers, **UPGRADE}
        self._auth = opening.message
        self._socket = WebSocket(app, replace(opening, headers=headers, message=None))
        self._namespace = "" if namespace == "/" else f"{namespace},"
        self._events: deque[tuple[Any, ...]] = deque()
        self._answers: dict[int, list[Any]] = {}
        self._calls = 0
        self.sid = ""
        """What the application calls this connection; empty while there is none."""

    async def connect(self) -> None:
        """Connect, and show the credential.

        Raises:
            ConnectionRefused: The application does not want to.
            SocketClosed: There is no Socket.IO at the path of the settings.
        """
        await self._socket.open()
        opened = await self._socket.receive()
        assert str(opened).startswith(OPEN), f"Engine.IO begins with another packet: {opened!r}"
        await self._send(CONNECT, self._auth)
        while not self.sid:
            await self._take()

    async def emit(self, event: str, *data: Any) -> None:
        """Send an event, without waiting for what the application does with it."""
        await self._send(EVENT, [event, *data])

    async def call(self, event: str, *data: Any) -> Any:
        """Send an event, wait until its handler is done, and return what that returned."""
        self._calls += 1
        number = self._calls
        await self._send(EVENT, [event, *data], str(number))
        while number not in self._answers:
            await self._take()
        answer = self._answers.pop(number)
        return (answer[0] if len(answer) == 1 else tuple(answer)) if answer else None

    async def receive(self) -> tuple[Any, ...]:
        """Return the next event: its name, and what came with it.

        Raises:
            SocketClosed: There is none, because the application disconnected the client.
            TimeoutError: There is none yet.
        """
        while not self._events:
            await self._take()
        return self._events.popleft()

    async def receives_nothing(self, seconds: float = 0.05) -> bool:
        """Tell whether no event comes for a while."""
        return await self._socket.receives_nothing(seconds) and not self._events

    async def disconnect(self) -> None:
        """Leave, and wait until the application is done with it."""
        if self.sid:
            self.sid = ""
            await self._send(DISCONNECT)
        await self._socket.close()

    async def _send(self, kind: str, data: Any = None, number: str = "") -> None:
        content = "" if data is None else json.dumps(data)
        await self._socket.send_text(f"{MESSAGE}{kind}{self._namespace}{number}{content}")

    async def _take(self) -> None:
        """Take the next packet, and keep it for who waits for it."""
        packet = await self._socket.receive()
        if packet == PING:
            await self._socket.send_text(PONG)
            return
        if packet == CLOSE:
            self.sid = ""
            return  # The socket is closed right after.
        read = PACKET.fullmatch(packet) if isinstance(packet, str) else None
        kind, _, number, content = read.groups() if read else ("", "", "", "")
        data: Any = json.loads(content) if content else None
        if kind == CONNECT:
            self.sid = data["sid"]
        elif kind == CONNECT_ERROR:
            raise ConnectionRefused(data)
        elif kind == DISCONNECT:
            self.sid = ""
            raise SocketClosed(NORMAL, "the application disconnected the client")
        elif kind == EVENT:
            self._events.append(tuple(data))
        elif kind == ACK:
            self._answers[int(number)] = data
        else:
            raise ApplicationError(
                f"The application sent {packet!r}, which this client cannot read.",
                "Send text and JSON, or test what sends bytes without a client.",
            )
