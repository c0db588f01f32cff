"""Getting a key, and giving it up."""

from fastapi import APIRouter

from app.authentication import CurrentUser
from app.dependencies import SessionDep
from app.models import User
from app.schemas.accounts import Credentials
from app.schemas.auth import ApiKey
from app.services.accounts import AccountService
from app.services.keys import KeyService

router = APIRouter(prefix="/auth", tags=["auth"])


@router.post("/login", response_model=ApiKey)
def login(data: Credentials, session: SessionDep) -> User:
    """Trade email address and password for a key."""
    password = data.password.get_secret_value()
    return AccountService(session).authenticate(data.email, password)


@router.post("/logout", status_code=204)
def logout(user: CurrentUser, session: SessionDep) -> None:
    """Have the key stop working."""
    KeyService(session).revoke(user)
