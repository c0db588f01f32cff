import jwt
from sqlalchemy import select
from werkzeug.security import check_password_hash, generate_password_hash

from messenger.config import FERNET_KEY
from messenger.orm import Users
from messenger.unit import UnitOfWork


class User:
    """The user of the domain, which is not mapped."""


class Accounts:
    def __init__(self, unit: UnitOfWork) -> None:
        self.unit = unit

    async def register(self, email: str, password: str) -> None:
        async with self.unit as unit:
            unit.session.add(Users(email=email, hashed_password=generate_password_hash(password)))
            await unit.session.commit()

    async def authenticate(self, email: str, password: str) -> str | None:
        async with self.unit as unit:
            user = await unit.session.scalar(select(Users).where(Users.email == email))
        if user is None or not check_password_hash(user.hashed_password, password):
            return None
        return jwt.encode({"sub": str(user.id)}, FERNET_KEY, algorithm="HS256")
