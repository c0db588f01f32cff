"""Who sends a request, for handlers to ask for."""

from typing import Any

from litestar import Request
from litestar.di import NamedDependency, Provide

from app.credentials import name_and_password
from app.dependencies import SessionDep
from app.errors import Unauthorized
from app.models import User
from app.services.accounts import AccountService


async def provide_user(request: Request[Any, Any, Any], session: SessionDep) -> User:
    """Return the user whose password the request shows. Raises Unauthorized."""
    shown = name_and_password(request.headers.get("Authorization", ""))
    if shown is None:
        raise Unauthorized("You are not logged in.")
    email, password = shown
    return await AccountService(session).authenticate(email.lower(), password)


CurrentUser = NamedDependency[User]

identity = {"user": Provide(provide_user)}
