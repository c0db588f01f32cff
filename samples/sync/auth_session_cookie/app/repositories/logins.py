"""Logins in the database."""

import secrets
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from app.errors import Unauthorized
from app.models import Login, User
from app.models.base import utc_now


def hash_secret(secret: str) -> str:
    """Return what is stored of a secret. A fast hash will do: nobody guesses 256 random bits."""
    return sha256(secret.encode()).hexdigest()


class LoginRepository:
    """Reads and writes logins."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, user: User, expires_at: datetime) -> str:
        """Store a new login of `user`, and return the secret that stands for it."""
        secret = secrets.token_urlsafe(32)
        self.session.add(
            Login(
                secret_hash=hash_secret(secret),
                user=user,
                password_version=user.password_version,
                expires_at=expires_at,
            )
        )
        self.session.flush()
        return secret

    def get_live(self, secret: str) -> Login:
        """Return a login with its user.

        Raises Unauthorized when it is unknown, over or expired, when it was begun with an older
        password, or when its user is inactive.
        """
        statement = (
            select(Login)
            .join(Login.user)
            .options(contains_eager(Login.user))
            .where(
                Login.secret_hash == hash_secret(secret),
                Login.expires_at > utc_now(),
                Login.password_version == User.password_version,
                User.is_active,
            )
        )
        login: Login | None = self.session.scalar(statement)
        if login is None:
            raise Unauthorized("The session has ended.")
        return login

    def remove(self, login: Login) -> None:
        """Delete a login."""
        self.session.delete(login)
        self.session.flush()
