"""Who sends a request, for views to ask for."""

from flask import request

from app.credentials import bearer_token
from app.database import db
from app.errors import Unauthorized
from app.models import User
from app.services.sessions import Login, SessionService


def current_login() -> Login:
    """Return the login that the request's token belongs to. Raises Unauthorized."""
    token = bearer_token(request.headers.get("Authorization", ""))
    if token is None:
        raise Unauthorized("You are not logged in.")
    return SessionService(db.session()).login_of(token)


def current_user() -> User:
    """Return the user who sends the request. Raises Unauthorized."""
    return current_login().user
