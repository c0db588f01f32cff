"""Who sends a request, for routes to ask for."""

from typing import Annotated

from fastapi import Depends, Request

from app.credentials import name_and_password
from app.dependencies import SessionDep
from app.errors import Unauthorized
from app.models import User
from app.services.accounts import AccountService


def get_user(request: Request, session: SessionDep) -> User:
    """Return the user whose password the request shows. Raises Unauthorized."""
    shown = name_and_password(request.headers.get("Authorization", ""))
    if shown is None:
        raise Unauthorized("You are not logged in.")
    email, password = shown
    return AccountService(session).authenticate(email.lower(), password)


CurrentUser = Annotated[User, Depends(get_user)]
