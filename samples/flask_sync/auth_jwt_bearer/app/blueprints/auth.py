"""Logging in, staying logged in, and logging out."""

from flask import Blueprint

from app.authentication import current_login
from app.database import db
from app.exchange import Answer, answer, body, no_content
from app.schemas.accounts import Credentials
from app.schemas.auth import Refresh, TokenPair
from app.services.accounts import AccountService
from app.services.sessions import SessionService

auth = Blueprint("auth", __name__, url_prefix="/auth")


@auth.post("/login")
def login() -> Answer:
    """Trade email address and password for tokens."""
    data = body(Credentials)
    password = data.password.get_secret_value()
    user = AccountService(db.session()).authenticate(data.email, password)
    return answer(TokenPair.of(SessionService(db.session()).start(user)))


@auth.post("/refresh")
def refresh() -> Answer:
    """Trade a refresh token for a new pair; each can be used once."""
    return answer(TokenPair.of(SessionService(db.session()).refresh(body(Refresh).refresh_token)))


@auth.post("/logout")
def logout() -> Answer:
    """End the session the access token belongs to."""
    SessionService(db.session()).end(current_login())
    return no_content()
