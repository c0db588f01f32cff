"""Logging in, staying logged in, and logging out."""

from fastapi import APIRouter, Depends, Request, Response

from app.authentication import CurrentLogin, own_request
from app.credentials import REFRESH_COOKIE
from app.dependencies import SessionDep
from app.errors import Unauthorized
from app.models import User
from app.schemas.accounts import Credentials
from app.schemas.users import UserRead
from app.services.accounts import AccountService
from app.services.sessions import SessionService
from app.token_cookies import delete_tokens, set_tokens

router = APIRouter(prefix="/auth", tags=["auth"])


@router.post("/login", response_model=UserRead)
async def login(data: Credentials, session: SessionDep, response: Response) -> User:
    """Trade email address and password for cookies."""
    password = data.password.get_secret_value()
    user = await AccountService(session).authenticate(data.email, password)
    set_tokens(response, await SessionService(session).start(user))
    return user


@router.post("/refresh", status_code=204, dependencies=[Depends(own_request)])
async def refresh(request: Request, session: SessionDep, response: Response) -> None:
    """Trade the cookies for new ones; each refresh token can be used once."""
    token = request.cookies.get(REFRESH_COOKIE)
    if not token:
        raise Unauthorized("You are not logged in.")
    set_tokens(response, await SessionService(session).refresh(token))


@router.post("/logout", status_code=204)
async def logout(login: CurrentLogin, session: SessionDep, response: Response) -> None:
    """End the session the cookies belong to."""
    await SessionService(session).end(login)
    delete_tokens(response)
