import bcrypt
import jwt
from fastapi import Cookie, Depends, HTTPException
from sqlalchemy.ext.asyncio import AsyncSession

from payments import settings
from payments.database import new_async_session
from payments.models import Account


def hash_password(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt()).decode()


def create_token(account: Account) -> str:
    return jwt.encode({"sub": str(account.id)}, settings.JWT_SECRET, algorithm="HS256")


async def current_account(
    access_token: str = Cookie(), session: AsyncSession = Depends(new_async_session)
) -> Account:
    try:
        payload = jwt.decode(access_token, settings.JWT_SECRET, algorithms=["HS256"])
    except jwt.InvalidTokenError:
        raise HTTPException(401) from None
    account = await session.get(Account, int(payload["sub"]))
    if account is None:
        raise HTTPException(401)
    return account
