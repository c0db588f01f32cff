from __future__ import annotations

from functools import wraps

from flask import Flask, abort, g, request
from lounge.db import sessions
from lounge.realtime import socketio
from lounge.security import authenticate, create_access_token, member_of


def login_required(view):
    @wraps(view)
    def guarded():
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        with sessions() as session:
            g.member = member_of(session, token)
        return view() if g.member else abort(401)

    return guarded


def create_app():
    app = Flask(__name__)
    socketio.init_app(app)

    @app.post("/login")
    def login():
        with sessions() as session:
            member = authenticate(session, request.form["username"], request.form["password"])
            if member is None:
                abort(401)
            return {"access_token": create_access_token(member)}

    @app.get("/members/me")
    @login_required
    def me():
        return {"id": g.member.id, "email": g.member.email}

    @app.get("/health")
    def health():
        return {"status": "ok"}

    return app
