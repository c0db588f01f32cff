from datetime import timedelta

import jwt
import pytest

from app.core import security


@pytest.mark.slow
def test_password_hash():
    hashed = security.get_password_hash("correct horse")

    assert hashed != "correct horse"
    assert security.verify_password("correct horse", hashed)
    assert not security.verify_password("battery staple", hashed)


def test_token_carries_the_subject():
    token = security.create_access_token(42)

    assert security.decode_access_token(token)["sub"] == "42"


def test_expired_token_is_refused():
    token = security.create_access_token(42, expires_delta=timedelta(seconds=-1))

    with pytest.raises(jwt.ExpiredSignatureError):
        security.decode_access_token(token)
