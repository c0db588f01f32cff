"""A socket for members of organisations to talk through."""

from typing import Any

from litestar import WebSocket, websocket
from litestar.exceptions import WebSocketDisconnect
from litestar.status_codes import WS_1008_POLICY_VIOLATION

from app.errors import DomainError
from app.rooms import rooms
from app.sockets import who_opens


@websocket("/ws")
async def talk(socket: WebSocket[Any, Any, Any]) -> None:
    """Do what the client's messages ask for; strangers are not let in."""
    try:
        user = await who_opens(socket)
    except DomainError:
        await socket.close(WS_1008_POLICY_VIOLATION)
        return
    await socket.accept()
    try:
        while True:
            await rooms.receive(socket, user, await socket.receive_text())
    except WebSocketDisconnect:
        await rooms.leave_all(socket)
