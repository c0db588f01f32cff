"""What an attacker of tokens has at hand, and where the key is that tests sign with."""

from __future__ import annotations

import base64
import json
import os
from typing import Any

import pytest

from harness.application import import_object
from harness.settings import settings

FOREIGN_KEYS = ["", "an-attackers-own-key-0123456789abcdef0123456789abcdef"]


def unsigned_by(token: str, algorithm: str) -> str:
    """Return a token with the same claims that names another algorithm, and has no signature."""
    header = json.dumps({"alg": algorithm, "typ": "JWT"}).encode()
    shown = base64.urlsafe_b64encode(header).decode().rstrip("=")
    return f"{shown}.{token.split('.')[1]}."


def signing_key(algorithm: str) -> bytes:
    """Return the key of the application; skip the test where there is none for it.

    Args:
        algorithm: How the application signs.
    """
    if not settings().auth.token_key:
        pytest.skip("the key is not known (answer token_key of [auth] in harness.toml)")
    if not algorithm.startswith("HS"):
        pytest.skip(f"the application signs with {algorithm}, whose key is not shared")
    return _key()


def public_key(algorithm: str) -> bytes:
    """Return the key that anybody may know; skip the test where the application has none.

    Args:
        algorithm: How the application signs.
    """
    if algorithm.startswith("HS"):
        pytest.skip(f"the application signs with {algorithm}, which has no public key")
    if not settings().auth.token_key:
        pytest.skip("the key is not known (answer token_key of [auth] in harness.toml)")
    from cryptography.hazmat.primitives import serialization

    private = serialization.load_pem_private_key(_key(), None)
    pem: bytes = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return pem


def _key() -> bytes:
    named = settings().auth.token_key
    found: Any = import_object(named) if ":" in named else os.environ[named]
    plain = getattr(found, "get_secret_value", None)
    found = plain() if plain else found
    return found if isinstance(found, bytes) else str(found).encode()
