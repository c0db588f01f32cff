import secrets
from datetime import datetime, timedelta, timezone

from fastapi import Cookie, Depends, HTTPException
from pwdlib import PasswordHash
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.config import settings
from app.database import get_session
from app.models import Keeper, Session

hasher = PasswordHash.recommended()


def hash_password(password: str) -> str:
    return hasher.hash(password)


def now() -> datetime:
    return datetime.now(timezone.utc).replace(tzinfo=None)


async def open_session(db: AsyncSession, keeper: Keeper) -> str:
    token = secrets.token_urlsafe(32)
    ends_at = now() + timedelta(hours=settings.session_hours)
    db.add(Session(token=token, keeper_id=keeper.id, ends_at=ends_at))
    await db.commit()
    return token


async def current_keeper(
    session_id: str | None = Cookie(default=None), db: AsyncSession = Depends(get_session)
) -> Keeper:
    found = await db.scalar(
        select(Session).where(Session.token == (session_id or ""), Session.ends_at > now())
    )
    if found is None:
        raise HTTPException(401, "Log in first.")
    return found.keeper
