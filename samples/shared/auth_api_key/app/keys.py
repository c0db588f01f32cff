"""API keys: nothing of them is stored, because a key can be made anew from its user."""

import hmac
from uuid import UUID

from app.config import settings


def make_key(user_id: UUID, version: str) -> str:
    """Return the key of a user; it is another one when `version` changes."""
    secret = settings.secret_key.get_secret_value().encode()
    signature = hmac.digest(secret, f"api key {user_id} {version}".encode(), "sha256")
    return f"{user_id.hex}.{signature.hex()}"


def user_id_in(key: str) -> UUID | None:
    """Return the id that a key begins with, whether or not the rest is right."""
    try:
        return UUID(key.partition(".")[0])
    except ValueError:
        return None
