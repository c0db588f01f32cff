"""Tokens: what a client shows instead of a password."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID

import jwt

from app.config import settings
from app.errors import Unauthorized
from app.models.base import utc_now

ALGORITHM = "HS256"


class TokenKind(str, Enum):
    """What a token is good for; neither kind is accepted in place of the other."""

    ACCESS = "access"
    REFRESH = "refresh"


@dataclass(frozen=True)
class Claims:
    """What a token says: whose it is, since which password, and which refresh made it."""

    user_id: UUID
    password_version: int
    session_id: UUID
    token_id: UUID


def issue(kind: TokenKind, claims: Claims, expires_at: datetime) -> str:
    """Return a signed token that is valid until `expires_at`."""
    payload = {
        "aud": kind.value,
        "sub": str(claims.user_id),
        "ver": claims.password_version,
        "sid": str(claims.session_id),
        "jti": str(claims.token_id),
        "iat": utc_now(),
        "exp": expires_at,
    }
    return jwt.encode(payload, settings.secret_key.get_secret_value(), ALGORITHM)


def read(kind: TokenKind, token: str) -> Claims:
    """Return what a token says. Raises Unauthorized unless it is valid and of this kind."""
    try:
        payload = jwt.decode(
            token,
            settings.secret_key.get_secret_value(),
            algorithms=[ALGORITHM],
            audience=kind.value,
            options={"require": ["aud", "sub", "ver", "sid", "jti", "exp"]},
        )
        return Claims(
            user_id=UUID(payload["sub"]),
            password_version=int(payload["ver"]),
            session_id=UUID(payload["sid"]),
            token_id=UUID(payload["jti"]),
        )
    except (jwt.InvalidTokenError, ValueError) as error:
        raise Unauthorized("The token is not valid.") from error
