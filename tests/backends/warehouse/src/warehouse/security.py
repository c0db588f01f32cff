from typing import Annotated

import jwt
from fastapi import Depends, Header, HTTPException
from passlib.context import CryptContext

from warehouse.db import DbSession
from warehouse.models import User
from warehouse.settings import settings

TOKEN_PREFIX = "Token"
passwords = CryptContext(schemes=["bcrypt"])


def get_password_hash(password: str) -> str:
    return passwords.hash(password)


def verify_password(password: str, hashed: str) -> bool:
    return passwords.verify(password, hashed)


def create_access_token(user: User) -> str:
    return jwt.encode({"sub": str(user.id)}, settings.secret_key, algorithm="HS256")


def get_current_user(session: DbSession, authorization: Annotated[str, Header()]) -> User:
    prefix, _, token = authorization.partition(" ")
    if prefix != TOKEN_PREFIX:
        raise HTTPException(401)
    try:
        payload = jwt.decode(token, settings.secret_key, algorithms=["HS256"])
    except jwt.InvalidTokenError:
        raise HTTPException(401) from None
    user = session.get(User, int(payload["sub"]))
    if user is None:
        raise HTTPException(401)
    return user
