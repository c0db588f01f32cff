"""Tokens: what a client shows instead of a password."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID

import jwt

from app.config import settings
from app.errors import Unauthorized

ALGORITHM = "HS256"


class TokenKind(str, Enum):
    """What a token is good for; neither kind is accepted in place of the other."""

    ACCESS = "access"
    REFRESH = "refresh"


@dataclass(frozen=True)
class Claims:
    """What a token says: the session it belongs to, and which of its refreshes made it."""

    session_id: UUID
    token_id: UUID


def issue(kind: TokenKind, claims: Claims, expires_at: datetime) -> str:
    """Return a signed token that is valid until `expires_at`."""
    payload = {
        "aud": kind.value,
        "sid": str(claims.session_id),
        "jti": str(claims.token_id),
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
            options={"require": ["aud", "sid", "jti", "exp"]},
        )
    except jwt.InvalidTokenError as error:
        raise Unauthorized("The token is not valid.") from error
    return Claims(session_id=UUID(payload["sid"]), token_id=UUID(payload["jti"]))
