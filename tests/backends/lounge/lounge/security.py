from datetime import datetime, timedelta, timezone

import jwt
from pwdlib import PasswordHash
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lounge.models import Member

SECRET_KEY = "the lounge is open until the last guest leaves"
ALGORITHM = "HS256"
password_hash = PasswordHash.recommended()


def hash_password(password: str) -> str:
    return password_hash.hash(password)


def create_access_token(member: Member) -> str:
    ends = datetime.now(timezone.utc) + timedelta(minutes=30)
    return jwt.encode({"sub": str(member.id), "exp": ends}, SECRET_KEY, algorithm=ALGORITHM)


async def authenticate(session: AsyncSession, email: str, password: str) -> Member | None:
    member = await session.scalar(select(Member).where(Member.email == email))
    if member is None or not password_hash.verify(password, member.password_hash):
        return None
    return member


async def member_of(session: AsyncSession, token: str) -> Member | None:
    try:
        claims = jwt.decode(
            token, SECRET_KEY, algorithms=[ALGORITHM], options={"require": ["sub", "exp"]}
        )
    except jwt.InvalidTokenError:
        return None
    return await session.get(Member, int(claims["sub"]))
