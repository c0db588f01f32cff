"""Logging in, staying logged in, and logging out."""

from fastapi import APIRouter

from app.authentication import CurrentLogin
from app.dependencies import SessionDep
from app.schemas.accounts import Credentials
from app.schemas.auth import Refresh, TokenPair
from app.services.accounts import AccountService
from app.services.sessions import SessionService, Tokens

router = APIRouter(prefix="/auth", tags=["auth"])


@router.post("/login", response_model=TokenPair)
def login(data: Credentials, session: SessionDep) -> Tokens:
    """Trade email address and password for tokens."""
    password = data.password.get_secret_value()
    user = AccountService(session).authenticate(data.email, password)
    return SessionService(session).start(user)


@router.post("/refresh", response_model=TokenPair)
def refresh(data: Refresh, session: SessionDep) -> Tokens:
    """Trade a refresh token for a new pair; each can be used once."""
    return SessionService(session).refresh(data.refresh_token)


@router.post("/logout", status_code=204)
def logout(login: CurrentLogin, session: SessionDep) -> None:
    """End the session the access token belongs to."""
    SessionService(session).end(login)
