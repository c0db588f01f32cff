"""A socket for members of organisations to talk through."""

from fastapi import APIRouter, WebSocket, WebSocketDisconnect, status

from app.errors import DomainError
from app.rooms import rooms
from app.sockets import who_opens

router = APIRouter(tags=["rooms"])


@router.websocket("/ws")
async def talk(socket: WebSocket) -> None:
    """Do what the client's messages ask for; strangers are not let in."""
    try:
        user = await who_opens(socket)
    except DomainError:
        await socket.close(status.WS_1008_POLICY_VIOLATION)
        return
    await socket.accept()
    try:
        while True:
            await rooms.receive(socket, user, await socket.receive_text())
    except WebSocketDisconnect:
        await rooms.leave_all(socket)
