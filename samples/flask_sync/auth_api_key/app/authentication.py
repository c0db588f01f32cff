"""Who sends a request, for views to ask for."""

from flask import request

from app.credentials import API_KEY_HEADER
from app.database import db
from app.errors import Unauthorized
from app.models import User
from app.services.keys import KeyService


def current_user() -> User:
    """Return the user whose key the request shows. Raises Unauthorized."""
    key = request.headers.get(API_KEY_HEADER)
    if not key:
        raise Unauthorized("You are not logged in.")
    return KeyService(db.session()).user_of(key)
