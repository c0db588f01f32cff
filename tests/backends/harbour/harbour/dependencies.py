from typing import Annotated

import jwt
from fastapi import Depends, Query
from fastapi.security import OAuth2PasswordBearer
from pydantic import BaseModel, Field

from harbour.config import Settings, get_settings
from harbour.errors import NotAuthenticatedError
from harbour.models import Role, User
from harbour.repositories import StoreDep
from harbour.security import read_access_token
from harbour.services import require_role

SettingsDep = Annotated[Settings, Depends(get_settings)]
TokenDep = Annotated[str, Depends(OAuth2PasswordBearer(tokenUrl="auth/token"))]


class Paging(BaseModel):
    limit: int = Field(default=50, ge=1, le=200)
    offset: int = Field(default=0, ge=0, le=2**31 - 1)


PagingDep = Annotated[Paging, Query()]


async def get_current_user(store: StoreDep, settings: SettingsDep, token: TokenDep) -> User:
    detail = "Log in first"
    try:
        user = await store.users.get(read_access_token(token, settings))
    except jwt.InvalidTokenError as error:
        raise NotAuthenticatedError(detail) from error
    if user is None or not user.is_active:
        raise NotAuthenticatedError(detail)
    return user


CurrentUser = Annotated[User, Depends(get_current_user)]


async def get_admin(user: CurrentUser) -> User:
    require_role(user, Role.ADMIN)
    return user


Admin = Annotated[User, Depends(get_admin)]
