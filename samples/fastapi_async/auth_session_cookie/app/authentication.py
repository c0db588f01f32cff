"""Who sends a request, for routes to ask for."""

from typing import Annotated

from fastapi import Depends, Request

from app.credentials import SESSION_COOKIE
from app.csrf import CSRF_COOKIE, CSRF_HEADER, check_csrf
from app.dependencies import SessionDep
from app.errors import Unauthorized
from app.models import Login, User
from app.services.sessions import SessionService


def own_request(request: Request) -> None:
    """See that the request comes from our own pages. Raises Forbidden."""
    cookie, header = request.cookies.get(CSRF_COOKIE, ""), request.headers.get(CSRF_HEADER, "")
    check_csrf(request.method, cookie, header)


async def get_login(request: Request, session: SessionDep) -> Login:
    """Return the login that the request's cookie belongs to. Raises Unauthorized and Forbidden."""
    secret = request.cookies.get(SESSION_COOKIE)
    if not secret:
        raise Unauthorized("You are not logged in.")
    login = await SessionService(session).login_of(secret)
    own_request(request)
    return login


CurrentLogin = Annotated[Login, Depends(get_login)]


async def get_user(login: CurrentLogin) -> User:
    """Return the user who sends the request. Raises Unauthorized."""
    return login.user


CurrentUser = Annotated[User, Depends(get_user)]
