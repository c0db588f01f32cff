"""Who sends a request, for handlers to ask for."""

from typing import Any

from litestar import Request
from litestar.di import NamedDependency, Provide

from app.credentials import API_KEY_HEADER
from app.dependencies import SessionDep
from app.errors import Unauthorized
from app.models import User
from app.services.keys import KeyService


async def provide_user(request: Request[Any, Any, Any], session: SessionDep) -> User:
    """Return the user whose key the request shows. Raises Unauthorized."""
    key = request.headers.get(API_KEY_HEADER)
    if not key:
        raise Unauthorized("You are not logged in.")
    return await KeyService(session).user_of(key)


CurrentUser = NamedDependency[User]

identity = {"user": Provide(provide_user)}
