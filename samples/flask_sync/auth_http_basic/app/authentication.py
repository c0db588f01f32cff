"""Who sends a request, for views to ask for."""

from flask import request

from app.credentials import name_and_password
from app.database import db
from app.errors import Unauthorized
from app.models import User
from app.services.accounts import AccountService


def current_user() -> User:
    """Return the user whose password the request shows. Raises Unauthorized."""
    shown = name_and_password(request.headers.get("Authorization", ""))
    if shown is None:
        raise Unauthorized("You are not logged in.")
    email, password = shown
    return AccountService(db.session()).authenticate(email.lower(), password)
