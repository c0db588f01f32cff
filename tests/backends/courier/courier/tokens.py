from datetime import UTC, datetime, timedelta

import bcrypt
import jwt

from courier.keys import make_pair
from courier.settings import settings

if not settings.tokens.private_key_path.exists():
    make_pair(settings.tokens.private_key_path, settings.tokens.public_key_path)


def encode_jwt(
    payload: dict,
    private_key: str = settings.tokens.private_key_path.read_text(),
    algorithm: str = settings.tokens.algorithm,
) -> str:
    now = datetime.now(UTC)
    ends = now + timedelta(minutes=settings.tokens.minutes)
    return jwt.encode({**payload, "iat": now, "exp": ends}, private_key, algorithm=algorithm)


def decode_jwt(
    token: str,
    public_key: str = settings.tokens.public_key_path.read_text(),
    algorithm: str = settings.tokens.algorithm,
) -> dict:
    return jwt.decode(token, public_key, algorithms=[algorithm])


def hash_password(password: str) -> bytes:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt())


def validate_password(password: str, hashed: bytes) -> bool:
    return bcrypt.checkpw(password.encode(), hashed)
