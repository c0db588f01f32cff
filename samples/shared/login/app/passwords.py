"""Passwords: which are strong enough, and how they are kept."""

import secrets

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app.config import settings

MIN_LENGTH = 12
MIN_DIFFERENT = 5

_hasher = PasswordHash(
    [
        Argon2Hasher(
            time_cost=settings.password_time_cost,
            memory_cost=settings.password_memory_kib,
            parallelism=1,
        )
    ]
)


def check_strength(password: str, email: str) -> str:
    """Return `password`. Raises ValueError, saying what is wrong, when it is easily guessed."""
    if len(password) < MIN_LENGTH:
        raise ValueError(f"the password has fewer than {MIN_LENGTH} characters")
    if len(set(password)) < MIN_DIFFERENT:
        raise ValueError(f"the password has fewer than {MIN_DIFFERENT} different characters")
    if email and email.split("@", maxsplit=1)[0].lower() in password.lower():
        raise ValueError("the password contains the name in the email address")
    return password


def hash_password(password: str) -> str:
    """Return what to store instead of `password`. Slow on purpose."""
    return _hasher.hash(password)


def verify_password(password: str, password_hash: str) -> bool:
    """Tell whether `password` is the one behind `password_hash`. Slow on purpose."""
    return _hasher.verify(password, password_hash)


# The hash of a password nobody has. Checking against it takes as long as against a real one,
# so that the time of a refused login does not tell whether the address is known.
DECOY_HASH = hash_password(secrets.token_urlsafe())
