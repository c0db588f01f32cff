from flask import request, session
from flask_jwt_extended import decode_token
from flask_socketio import ConnectionRefusedError as Refused
from flask_socketio import SocketIO, emit, join_room

from festival.events import part_of
from festival.models import User, db

socketio = SocketIO(async_mode="threading")


@socketio.on("connect")
def come(auth=None):
    try:
        claims = decode_token(request.cookies["access"])
    except Exception:
        raise Refused("Log in first.") from None
    session["user_id"] = int(claims["sub"])


@socketio.event
def enter(event_id):
    user = db.session.get(User, session["user_id"])
    if user is None or part_of(user, event_id) is None:
        return {"error": "You do not take part."}
    join_room(f"event-{event_id}")
    return {"entered": event_id}


@socketio.event
def say(event_id, text):
    user = db.session.get(User, session["user_id"])
    if user is None or part_of(user, event_id) is None:
        return {"error": "You do not take part."}
    said = {"from": user.email, "text": text}
    emit("said", said, to=f"event-{event_id}", include_self=False)
    return {"said": True}
