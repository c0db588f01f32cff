"""Logging in, staying logged in, and logging out."""

from flask import Blueprint, Response, make_response, request

from app.authentication import check_own_request, current_login
from app.credentials import REFRESH_COOKIE
from app.database import db
from app.errors import Unauthorized
from app.exchange import answer, body, no_content
from app.schemas.accounts import Credentials
from app.schemas.users import UserRead
from app.services.accounts import AccountService
from app.services.sessions import SessionService
from app.token_cookies import delete_tokens, set_tokens

auth = Blueprint("auth", __name__, url_prefix="/auth")


@auth.post("/login")
def login() -> Response:
    """Trade email address and password for cookies."""
    data = body(Credentials)
    password = data.password.get_secret_value()
    user = AccountService(db.session()).authenticate(data.email, password)
    response = make_response(answer(UserRead.of(user)))
    set_tokens(response, SessionService(db.session()).start(user))
    return response


@auth.post("/refresh")
def refresh() -> Response:
    """Trade the cookies for new ones; each refresh token can be used once."""
    check_own_request()
    token = request.cookies.get(REFRESH_COOKIE)
    if not token:
        raise Unauthorized("You are not logged in.")
    response = make_response(no_content())
    set_tokens(response, SessionService(db.session()).refresh(token))
    return response


@auth.post("/logout")
def logout() -> Response:
    """End the session the cookies belong to."""
    SessionService(db.session()).end(current_login())
    response = make_response(no_content())
    delete_tokens(response)
    return response
