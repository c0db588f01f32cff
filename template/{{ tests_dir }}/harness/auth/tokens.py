"""Reading, changing and signing JSON Web Tokens (RFC 7519), to see what the application takes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


def header_of(token: str) -> dict[str, Any]:
    """Return the header of a token, whoever signed it."""
    return _decoded(token.split(".", maxsplit=1)[0])


def claims_of(token: str) -> dict[str, Any]:
    """Return the claims of a token, whoever signed it."""
    return _decoded(token.split(".")[1])


def signed(header: dict[str, Any], claims: dict[str, Any], key: str | bytes) -> str:
    """Return a token signed with an HMAC of `key` by the `alg` of its header (RFC 7518, 3.2)."""
    content = f"{_encoded(header)}.{_encoded(claims)}"
    key = key.encode() if isinstance(key, str) else key
    signature = hmac.new(key, content.encode(), HASHES[header["alg"]]).digest()
    return f"{content}.{_base64(signature)}"


def unsigned(token: str) -> str:
    """Return a token with the same claims that says it needs no signature (RFC 7519, section 6)."""
    return f"{_encoded({'alg': 'none', 'typ': 'JWT'})}.{token.split('.')[1]}."


def with_claims(token: str, **claims: Any) -> str:
    """Return a token with other claims, a None removing one, under the signature it had."""
    kept = {
        name: value for name, value in {**claims_of(token), **claims}.items() if value is not None
    }
    header, _, signature = token.split(".")
    return f"{header}.{_encoded(kept)}.{signature}"


def tampered(token: str) -> str:
    """Return a token whose signature is not the one it had."""
    content, _, signature = token.rpartition(".")
    return f"{content}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"


def _decoded(part: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def _encoded(part: dict[str, Any]) -> str:
    return _base64(json.dumps(part, separators=(",", ":")).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
