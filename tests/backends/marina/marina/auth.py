import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from marina.db import get_session
from marina.models import Login, Sailor
from marina.security import create_access_token, current_sailor, is_password_of

router = APIRouter()


class Credentials(BaseModel):
    email: str
    password: str


class Tokens(BaseModel):
    access_token: str
    refresh_token: str


class Logout(BaseModel):
    refresh_token: str


@router.post("/login")
async def login(
    body: Credentials, session: Annotated[AsyncSession, Depends(get_session)]
) -> Tokens:
    sailor = await session.scalar(select(Sailor).where(Sailor.email == body.email))
    if sailor is None or not is_password_of(sailor, body.password):
        raise HTTPException(401, "Name or password is wrong.")
    begun = Login(sailor_id=sailor.id, refresh_token=secrets.token_urlsafe(32))
    session.add(begun)
    await session.flush()
    return Tokens(access_token=create_access_token(begun), refresh_token=begun.refresh_token)


@router.post("/logout", status_code=204)
async def logout(
    body: Logout,
    sailor: Annotated[Sailor, Depends(current_sailor)],
    session: Annotated[AsyncSession, Depends(get_session)],
) -> None:
    begun = await session.scalar(
        select(Login).where(
            Login.refresh_token == body.refresh_token, Login.sailor_id == sailor.id
        )
    )
    if begun is None:
        raise HTTPException(400, "There is no such login.")
    await session.delete(begun)
