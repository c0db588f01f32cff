"""Who sends a request, for handlers to ask for."""

from typing import Any

from litestar import Request
from litestar.di import NamedDependency, Provide

from app.credentials import ACCESS_COOKIE
from app.csrf import CSRF_COOKIE, CSRF_HEADER, check_csrf
from app.dependencies import SessionDep
from app.errors import Unauthorized
from app.models import User
from app.services.sessions import Login, SessionService


def check_own_request(request: Request[Any, Any, Any]) -> None:
    """See that the request comes from our own pages. Raises Forbidden."""
    cookie, header = request.cookies.get(CSRF_COOKIE, ""), request.headers.get(CSRF_HEADER, "")
    check_csrf(request.method, cookie, header)


async def provide_login(request: Request[Any, Any, Any], session: SessionDep) -> Login:
    """Return the login that the request's cookie belongs to. Raises Unauthorized and Forbidden."""
    token = request.cookies.get(ACCESS_COOKIE)
    if not token:
        raise Unauthorized("You are not logged in.")
    login = await SessionService(session).login_of(token)
    check_own_request(request)
    return login


CurrentLogin = NamedDependency[Login]


async def provide_user(login: CurrentLogin) -> User:
    """Return the user who sends the request. Raises Unauthorized."""
    return login.user


CurrentUser = NamedDependency[User]

identity = {"login": Provide(provide_login), "user": Provide(provide_user)}
