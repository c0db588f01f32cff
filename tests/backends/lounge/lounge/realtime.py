import socketio
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from socketio.exceptions import ConnectionRefusedError

from lounge import rooms

sio = socketio.AsyncServer(async_mode="asgi")
router = APIRouter()


@sio.event
async def connect(sid, environ, auth):
    if not auth or not isinstance(auth.get("token"), str):
        raise ConnectionRefusedError("Show a token.")
    member = await rooms.member_with(auth["token"])
    if member is None:
        raise ConnectionRefusedError("The token is not valid.")
    await sio.save_session(sid, {"member_id": member.id, "email": member.email, "rooms": []})


@sio.event
async def enter(sid, room):
    async with sio.session(sid) as guest:
        if not await rooms.may_enter(room, guest["member_id"]):
            return {"error": "You are no guest of this room."}
        guest["rooms"].append(room)
        await sio.emit("entered", guest["email"], room=room)
        await sio.enter_room(sid, room)
        return {"entered": room}


@sio.event
async def say(sid, room, text):
    guest = await sio.get_session(sid)
    if room not in guest["rooms"]:
        return {"error": "You are not in this room."}
    number = await rooms.keep(room, guest["member_id"], text)
    await sio.emit("said", {"from": guest["email"], "text": text}, room=room, skip_sid=sid)
    return {"id": number}


@sio.event
async def typing(sid, room):
    guest = await sio.get_session(sid)
    if room in guest["rooms"]:
        await sio.emit("typing", guest["email"], room=room, skip_sid=sid)


@sio.event
async def leave(sid, room):
    async with sio.session(sid) as guest:
        guest["rooms"].remove(room)
    await sio.leave_room(sid, room)


@sio.event
async def go_home(sid):
    await sio.disconnect(sid)


@sio.event
async def disconnect(sid, reason):
    guest = await sio.get_session(sid)
    for room in guest["rooms"]:
        await sio.emit("left", guest["email"], room=room, skip_sid=sid)


@router.websocket("/screen")
async def screen(socket: WebSocket, token: str = ""):
    if await rooms.member_with(token) is None:
        await socket.close(1008)
        return
    await socket.accept()
    try:
        while True:
            room = await socket.receive_text()
            await socket.send_json({"room": room, "newest": await rooms.newest(room)})
    except WebSocketDisconnect:
        pass
