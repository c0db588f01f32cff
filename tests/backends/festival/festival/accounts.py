from flask import Blueprint, abort, jsonify, request
from flask_jwt_extended import (
    create_access_token,
    current_user,
    jwt_required,
    set_access_cookies,
    unset_jwt_cookies,
)

from festival.security import authenticate

pages = Blueprint("accounts", __name__)


def text_in(body, name, longest=120):
    value = body.get(name) if isinstance(body, dict) else None
    if not isinstance(value, str) or not 0 < len(value) <= longest or "\x00" in value:
        abort(400)
    return value


@pages.post("/login")
def login():
    body = request.get_json()
    user = authenticate(text_in(body, "email"), text_in(body, "password"))
    if user is None:
        abort(401)
    answer = jsonify(id=user.id)
    set_access_cookies(answer, create_access_token(str(user.id)))
    return answer


@pages.post("/logout")
def logout():
    answer = jsonify(done=True)
    unset_jwt_cookies(answer)
    return answer


@pages.get("/me")
@jwt_required()
def me():
    return {"id": current_user.id, "email": current_user.email, "role": current_user.role.value}
