"""Who sends a request, for routes to ask for."""

from typing import Annotated

from fastapi import Depends, Request

from app.credentials import API_KEY_HEADER
from app.dependencies import SessionDep
from app.errors import Unauthorized
from app.models import User
from app.services.keys import KeyService


async def get_user(request: Request, session: SessionDep) -> User:
    """Return the user whose key the request shows. Raises Unauthorized."""
    key = request.headers.get(API_KEY_HEADER)
    if not key:
        raise Unauthorized("You are not logged in.")
    return await KeyService(session).user_of(key)


CurrentUser = Annotated[User, Depends(get_user)]
