"""Who sends a request, for routes to ask for."""

from typing import Annotated

from fastapi import Depends, Header

from app.credentials import bearer_token
from app.dependencies import SessionDep
from app.errors import Unauthorized
from app.models import User
from app.services.sessions import Login, SessionService


def get_login(session: SessionDep, authorization: Annotated[str, Header()] = "") -> Login:
    """Return the login that the request's token belongs to. Raises Unauthorized."""
    token = bearer_token(authorization)
    if token is None:
        raise Unauthorized("You are not logged in.")
    return SessionService(session).login_of(token)


CurrentLogin = Annotated[Login, Depends(get_login)]


def get_user(login: CurrentLogin) -> User:
    """Return the user who sends the request. Raises Unauthorized."""
    return login.user


CurrentUser = Annotated[User, Depends(get_user)]
