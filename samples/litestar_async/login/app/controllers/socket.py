"""A socket for members of organisations to talk through."""

from typing import Any

from litestar import WebSocket, websocket
from litestar.exceptions import WebSocketDisconnect
from litestar.status_codes import WS_1008_POLICY_VIOLATION

from app.database import session_factory
from app.errors import DomainError
from app.rooms import rooms
from app.socket_user import socket_user


@websocket("/ws")
async def talk(socket: WebSocket[Any, Any, Any]) -> None:
    """Do what the client's messages ask for; strangers are not let in."""
    try:
        # Not for as long as the socket is open: the database has only so many connections.
        async with session_factory() as session:
            user = await socket_user(socket, session)
    except DomainError:
        await socket.close(WS_1008_POLICY_VIOLATION)
        return
    await socket.accept()
    try:
        while True:
            await rooms.receive(socket, user, await socket.receive_text())
    except WebSocketDisconnect:
        await rooms.leave_all(socket)
