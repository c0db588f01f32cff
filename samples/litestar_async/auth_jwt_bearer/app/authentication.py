"""Who sends a request, for handlers to ask for."""

from typing import Any

from litestar import Request
from litestar.di import NamedDependency, Provide

from app.credentials import bearer_token
from app.dependencies import SessionDep
from app.errors import Unauthorized
from app.models import User
from app.services.sessions import Login, SessionService


async def provide_login(request: Request[Any, Any, Any], session: SessionDep) -> Login:
    """Return the login that the request's token belongs to. Raises Unauthorized."""
    token = bearer_token(request.headers.get("Authorization", ""))
    if token is None:
        raise Unauthorized("You are not logged in.")
    return await SessionService(session).login_of(token)


CurrentLogin = NamedDependency[Login]


async def provide_user(login: CurrentLogin) -> User:
    """Return the user who sends the request. Raises Unauthorized."""
    return login.user


CurrentUser = NamedDependency[User]

identity = {"login": Provide(provide_login), "user": Provide(provide_user)}
