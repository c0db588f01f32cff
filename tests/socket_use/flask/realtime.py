from __future__ import annotations

from flask import session
from flask_socketio import ConnectionRefusedError as Refused
from flask_socketio import SocketIO, disconnect, emit, join_room, leave_room
from lounge import rooms

socketio = SocketIO(async_mode="threading")


@socketio.on("connect")
def come(auth=None):
    if not auth or not isinstance(auth.get("token"), str):
        raise Refused("Show a token.")
    member = rooms.member_with(auth["token"])
    if member is None:
        raise Refused("The token is not valid.")
    session.update(member_id=member.id, email=member.email, rooms=[])


@socketio.event
def enter(room):
    if not rooms.may_enter(room, session["member_id"]):
        return {"error": "You are no guest of this room."}
    session["rooms"].append(room)
    emit("entered", session["email"], to=room)
    join_room(room)
    return {"entered": room}


@socketio.event
def say(room, text):
    if room not in session["rooms"]:
        return {"error": "You are not in this room."}
    number = rooms.keep(room, session["member_id"], text)
    said = {"from": session["email"], "text": text}
    emit("said", said, to=room, include_self=False)
    return {"id": number}


@socketio.event
def typing(room):
    if room in session["rooms"]:
        emit("typing", session["email"], to=room, include_self=False)


@socketio.event
def leave(room):
    session["rooms"].remove(room)
    leave_room(room)


@socketio.event
def go_home():
    disconnect()


@socketio.on("disconnect")
def gone(reason=None):
    for room in session.get("rooms", []):
        emit("left", session["email"], to=room, include_self=False)
