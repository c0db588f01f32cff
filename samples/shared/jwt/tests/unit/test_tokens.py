"""Tokens say what was put in, and nothing else passes for one."""

from datetime import datetime, timedelta, timezone
from uuid import uuid4

import jwt
import pytest

from app.config import settings
from app.errors import Unauthorized
from app.tokens import Claims, TokenKind, issue, read

CLAIMS = Claims(user_id=uuid4(), password_version=1, session_id=uuid4(), token_id=uuid4())
SOON = datetime.now(timezone.utc) + timedelta(minutes=5)
KEY = settings.secret_key.get_secret_value()
IDS = {"sub": str(uuid4()), "sid": str(uuid4()), "jti": str(uuid4()), "ver": 1}
PAYLOAD = {"aud": "access", "exp": SOON, **IDS}


@pytest.mark.parametrize("kind", TokenKind)
def test_a_token_says_what_was_put_in(kind):
    assert read(kind, issue(kind, CLAIMS, SOON)) == CLAIMS


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("not a token", id="garbage"),
        pytest.param(issue(TokenKind.REFRESH, CLAIMS, SOON), id="other kind"),
        pytest.param(issue(TokenKind.ACCESS, CLAIMS, SOON - timedelta(days=1)), id="expired"),
        pytest.param(jwt.encode(PAYLOAD, KEY[::-1] + "!"), id="other key"),
        pytest.param(jwt.encode(PAYLOAD, None, "none"), id="not signed"),
        pytest.param(jwt.encode({**PAYLOAD, "exp": None}, KEY), id="endless"),
    ],
)
def test_nothing_else_passes_for_an_access_token(token):
    with pytest.raises(Unauthorized, match="The token is not valid"):
        read(TokenKind.ACCESS, token)
