"""Who sends a request, for views to ask for."""

from flask import request

from app.credentials import ACCESS_COOKIE
from app.csrf import CSRF_COOKIE, CSRF_HEADER, check_csrf
from app.database import db
from app.errors import Unauthorized
from app.models import User
from app.services.sessions import Login, SessionService


def check_own_request() -> None:
    """See that the request comes from our own pages. Raises Forbidden."""
    cookie, header = request.cookies.get(CSRF_COOKIE, ""), request.headers.get(CSRF_HEADER, "")
    check_csrf(request.method, cookie, header)


def current_login() -> Login:
    """Return the login that the request's cookie belongs to. Raises Unauthorized and Forbidden."""
    token = request.cookies.get(ACCESS_COOKIE)
    if not token:
        raise Unauthorized("You are not logged in.")
    login = SessionService(db.session()).login_of(token)
    check_own_request()
    return login


def current_user() -> User:
    """Return the user who sends the request. Raises Unauthorized."""
    return current_login().user
