from functools import wraps

from flask import Blueprint, abort, current_app, g, jsonify, request, session

from kiosk.extensions import db
from kiosk.models import Paper, User

bp = Blueprint("kiosk", __name__)


def login_required(view):
    @wraps(view)
    def wrapped(*args, **kwargs):
        user_id = session.get("user_id")
        g.user = db.session.get(User, user_id) if user_id is not None else None
        if g.user is None:
            abort(401)
        return view(*args, **kwargs)

    return wrapped


@bp.post("/login")
def login():
    data = request.get_json(silent=True)
    if not isinstance(data, dict):
        abort(400)
    username, password = data.get("username"), data.get("password")
    if not isinstance(username, str) or not isinstance(password, str):
        abort(400)
    user = db.session.scalar(db.select(User).filter_by(username=username))
    if user is None or not user.check_password(password):
        abort(401)
    current_app.session_interface.regenerate(session)
    session.clear()
    session["user_id"] = user.id
    return jsonify(username=user.username)


@bp.post("/logout")
def logout():
    session.clear()
    return "", 204


@bp.get("/me")
@login_required
def me():
    return jsonify(username=g.user.username)


@bp.get("/papers")
@login_required
def papers():
    return jsonify([paper.title for paper in db.session.scalars(db.select(Paper))])
