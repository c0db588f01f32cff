"""What an attacker of tokens has at hand, and where the key is that tests sign with."""

from __future__ import annotations

import base64
import json

import pytest

from test_harness.auth.keys import keys
from test_harness.auth.tokens import HASHES, header_of, is_jwt, is_signed


def need_claims(token: str) -> None:
    """Skip the test where a token says nothing that somebody could forge."""
    if not is_jwt(token):
        pytest.skip("a login gives no JSON Web Token, but one that the application keeps")


def unsigned_by(token: str, algorithm: str) -> str:
    """Return a token with the same claims that names another algorithm, and has no signature."""
    header = json.dumps({"alg": algorithm, "typ": "JWT"}).encode()
    shown = base64.urlsafe_b64encode(header).decode().rstrip("=")
    return f"{shown}.{token.split('.')[1]}."


def signing_key(token: str) -> str | bytes:
    """Return the key that the application signed a token with; skip the test without one.

    Args:
        token: One that the application made.
    """
    for key in keys():
        if is_signed(token, key):
            return key
    what = "known key that its tokens are signed with"
    pytest.skip(f"the application has no {what} (answer auth.token_key of harness.toml)")


def checking_keys(token: str, key: str | bytes) -> list[str | bytes]:
    """Return what the application may check a token with: the same key, or what anybody knows.

    Args:
        token: One that the application made.
        key: The key that it was signed with.
    """
    if header_of(token)["alg"] in HASHES:
        return [key]
    from cryptography.hazmat.primitives import serialization

    private = serialization.load_pem_private_key(
        key if isinstance(key, bytes) else key.encode(), None
    )
    pem: bytes = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return [pem, pem.strip()]
