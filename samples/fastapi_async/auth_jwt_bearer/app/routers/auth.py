"""Signing up, logging in and out."""

from fastapi import APIRouter

from app.access import CurrentSession, CurrentUser
from app.database import SessionDep
from app.models import User
from app.schemas.auth import Credentials, Refresh, Signup, SignupAccepted, TokenPair
from app.schemas.users import UserRead
from app.services.auth import AuthService, Tokens

router = APIRouter(prefix="/auth", tags=["auth"])


@router.post("/signup", status_code=202)
async def signup(data: Signup, session: SessionDep) -> SignupAccepted:
    """Open an account; the answer is the same for an address that has one."""
    await AuthService(session).signup(data.email, data.password.get_secret_value())
    return SignupAccepted()


@router.post("/login", response_model=TokenPair)
async def login(data: Credentials, session: SessionDep) -> Tokens:
    """Trade email address and password for tokens."""
    return await AuthService(session).login(data.email, data.password.get_secret_value())


@router.post("/refresh", response_model=TokenPair)
async def refresh(data: Refresh, session: SessionDep) -> Tokens:
    """Trade a refresh token for a new pair; each can be used once."""
    return await AuthService(session).refresh(data.refresh_token)


@router.post("/logout", status_code=204)
async def logout(current: CurrentSession, session: SessionDep) -> None:
    """End the session the access token belongs to."""
    await AuthService(session).logout(current)


@router.get("/me", response_model=UserRead)
async def me(user: CurrentUser) -> User:
    """Tell who is logged in."""
    return user
