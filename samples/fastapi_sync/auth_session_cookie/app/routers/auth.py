"""Logging in and out."""

from fastapi import APIRouter, Response

from app.authentication import CurrentLogin
from app.dependencies import SessionDep
from app.models import User
from app.schemas.accounts import Credentials
from app.schemas.users import UserRead
from app.services.accounts import AccountService
from app.services.sessions import SessionService
from app.session_cookies import delete_session, set_session

router = APIRouter(prefix="/auth", tags=["auth"])


@router.post("/login", response_model=UserRead)
def login(data: Credentials, session: SessionDep, response: Response) -> User:
    """Trade email address and password for a session."""
    password = data.password.get_secret_value()
    user = AccountService(session).authenticate(data.email, password)
    set_session(response, SessionService(session).start(user))
    return user


@router.post("/logout", status_code=204)
def logout(login: CurrentLogin, session: SessionDep, response: Response) -> None:
    """End the session the cookie belongs to."""
    SessionService(session).end(login)
    delete_session(response)
