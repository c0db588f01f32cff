from datetime import datetime, timedelta, timezone
from typing import Annotated

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from fastapi import Depends, HTTPException
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy.ext.asyncio import AsyncSession

from marina.config import settings
from marina.db import get_session
from marina.models import Login, Role, Sailor

scheme = OAuth2PasswordBearer(tokenUrl="/login")
hasher = PasswordHasher()


def hash_password(password: str) -> str:
    return hasher.hash(password)


def is_password_of(sailor: Sailor, password: str) -> bool:
    try:
        return hasher.verify(sailor.hashed_password, password)
    except VerifyMismatchError:
        return False


def create_access_token(login: Login) -> str:
    ends = datetime.now(timezone.utc) + timedelta(minutes=settings.tokens.minutes)
    claims = {"sub": str(login.sailor_id), "sid": login.id, "exp": ends}
    return jwt.encode(claims, settings.tokens.key, algorithm="HS256")


async def current_sailor(
    token: Annotated[str, Depends(scheme)], session: Annotated[AsyncSession, Depends(get_session)]
) -> Sailor:
    try:
        claims = jwt.decode(
            token, settings.tokens.key, algorithms=["HS256"], options={"require": ["exp", "sub", "sid"]}
        )
        sailor = await session.get(Sailor, int(claims["sub"]))
        login = await session.get(Login, claims["sid"])
    except (jwt.InvalidTokenError, ValueError):
        raise HTTPException(401, "The token is not valid.") from None
    if sailor is None or login is None or login.sailor_id != sailor.id:
        raise HTTPException(401, "The token is not valid.")
    return sailor


async def master(sailor: Annotated[Sailor, Depends(current_sailor)]) -> Sailor:
    if sailor.role != Role.MASTER:
        raise HTTPException(403, "Only the harbour master may do that.")
    return sailor
