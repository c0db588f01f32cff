"""What an attacker of tokens has at hand, and where the key is that tests sign with."""

from __future__ import annotations

import base64
import json

import pytest

from harness.auth.keys import keys
from harness.auth.tokens import header_of, is_signed


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
    algorithm = header_of(token)["alg"]
    if not algorithm.startswith("HS"):
        pytest.skip(f"the application signs with {algorithm}, whose key is not shared")
    return _key(token)


def public_key(token: str) -> bytes:
    """Return the key that anybody may know; skip the test where the application has none.

    Args:
        token: One that the application made.
    """
    algorithm = header_of(token)["alg"]
    if algorithm.startswith("HS"):
        pytest.skip(f"the application signs with {algorithm}, which has no public key")
    from cryptography.hazmat.primitives import serialization

    key = _key(token)
    private = serialization.load_pem_private_key(
        key if isinstance(key, bytes) else key.encode(), None
    )
    pem: bytes = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return pem


def _key(token: str) -> str | bytes:
    for key in keys():
        if is_signed(token, key):
            return key
    pytest.skip("the key is not known (answer token_key of [auth] in harness.toml)")
