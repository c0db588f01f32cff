from typing import Annotated

from fastapi import APIRouter, Depends, status
from fastapi.security import OAuth2PasswordRequestForm

from harbour import services
from harbour.dependencies import CurrentUser, SettingsDep
from harbour.models import User
from harbour.repositories import StoreDep
from harbour.schemas import Registration, Token, UserOut
from harbour.security import create_access_token

router = APIRouter(prefix="/auth", tags=["auth"])


@router.post("/register", status_code=status.HTTP_201_CREATED, response_model=UserOut)
async def register(wanted: Registration, store: StoreDep) -> User:
    return await services.register(store, wanted)


@router.post("/token")
async def log_in(
    form: Annotated[OAuth2PasswordRequestForm, Depends()], store: StoreDep, settings: SettingsDep
) -> Token:
    user = await services.authenticate(store, form.username, form.password)
    return Token(access_token=create_access_token(user.id, settings))


@router.get("/me", response_model=UserOut)
async def me(user: CurrentUser) -> User:
    return user
