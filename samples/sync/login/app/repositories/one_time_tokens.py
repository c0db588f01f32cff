"""One-time tokens in the database."""

import secrets
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Invalid
from app.models import OneTimeToken, Purpose, User
from app.models.base import utc_now

LIFETIMES = {Purpose.VERIFY: timedelta(days=3), Purpose.RESET: timedelta(hours=1)}


def hash_token(token: str) -> str:
    """Return what is stored of a token. A fast hash will do: nobody guesses 256 random bits."""
    return sha256(token.encode()).hexdigest()


class OneTimeTokenRepository:
    """Issues and redeems one-time tokens."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def issue(self, user: User, purpose: Purpose) -> str:
        """Return a new token for `user`."""
        token = secrets.token_urlsafe(32)
        expires_at = utc_now() + LIFETIMES[purpose]
        self.session.add(
            OneTimeToken(
                token_hash=hash_token(token),
                user_id=user.id,
                purpose=purpose,
                expires_at=expires_at,
            )
        )
        self.session.flush()
        return token

    def redeem(self, token: str, purpose: Purpose) -> User:
        """Use a token up, and return whose it is. Raises Invalid."""
        # The lock makes a second request wait, and find the row gone.
        row: OneTimeToken | None = self.session.scalar(
            select(OneTimeToken)
            .where(
                OneTimeToken.token_hash == hash_token(token),
                OneTimeToken.purpose == purpose,
                OneTimeToken.expires_at > utc_now(),
            )
            .with_for_update()
        )
        if row is None:
            raise Invalid("The token is not valid, or no longer.")
        self.session.delete(row)
        return self.session.get_one(User, row.user_id)
