"""Logging in and out."""

from flask import Blueprint, Response, make_response

from app.authentication import current_login
from app.database import db
from app.exchange import answer, body, no_content
from app.schemas.accounts import Credentials
from app.schemas.users import UserRead
from app.services.accounts import AccountService
from app.services.sessions import SessionService
from app.session_cookies import delete_session, set_session

auth = Blueprint("auth", __name__, url_prefix="/auth")


@auth.post("/login")
def login() -> Response:
    """Trade email address and password for a session."""
    data = body(Credentials)
    password = data.password.get_secret_value()
    user = AccountService(db.session()).authenticate(data.email, password)
    response = make_response(answer(UserRead.of(user)))
    set_session(response, SessionService(db.session()).start(user))
    return response


@auth.post("/logout")
def logout() -> Response:
    """End the session the cookie belongs to."""
    SessionService(db.session()).end(current_login())
    response = make_response(no_content())
    delete_session(response)
    return response
