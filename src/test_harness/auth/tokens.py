"""Reading, changing and signing JSON Web Tokens (RFC 7519), to see what the application takes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import importlib
import importlib.util
import json
from typing import Any

from test_harness.errors import LoginError

HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


def is_jwt(token: str) -> bool:
    """Tell whether a token has the three parts of a JSON Web Token; others say nothing to read."""
    return token.count(".") == 2


def header_of(token: str) -> dict[str, Any]:
    """Return the header of a token, whoever signed it.

    Raises:
        LoginError: It is no JSON Web Token.
    """
    return _decoded(token.split(".", maxsplit=1)[0])


def claims_of(token: str) -> dict[str, Any]:
    """Return the claims of a token, whoever signed it.

    Raises:
        LoginError: It is no JSON Web Token.
    """
    return _decoded(token.partition(".")[2].partition(".")[0])


def signed(header: dict[str, Any], claims: dict[str, Any], key: str | bytes) -> str:
    """Return a token signed with `key` by the `alg` of its header (RFC 7518, 3).

    An HMAC is made here; for what needs a private key, the application has PyJWT or python-jose.

    Raises:
        LoginError: It has neither.
    """
    if header["alg"] not in HASHES:
        found = [name for name in ("jwt", "jose") if importlib.util.find_spec(name)]
        if not found:
            raise LoginError(
                f"Tests cannot sign tokens with {header['alg']}, for which nothing is installed.",
                "Add pyjwt[crypto] to the test requirements.",
            )
        library = "jwt" if found[0] == "jwt" else "jose.jwt"
        given = {"algorithm": header["alg"], "headers": header}
        made: str = importlib.import_module(library).encode(claims, key, **given)
        return made
    content = f"{_encoded(header)}.{_encoded(claims)}"
    return f"{content}.{_hmac(header['alg'], content, key)}"


def is_signed(token: str, key: str | bytes) -> bool:
    """Tell whether `key` may have signed a token; of a private key only the application knows."""
    content, _, signature = token.rpartition(".")
    algorithm = header_of(token)["alg"]
    if algorithm in HASHES:
        return hmac.compare_digest(_hmac(algorithm, content, key), signature)
    return "PRIVATE KEY" in (key.decode() if isinstance(key, bytes) else key)


def with_claims(token: str, **claims: Any) -> str:
    """Return a token with other claims, a None removing one, under the signature it had."""
    kept = {
        name: value for name, value in {**claims_of(token), **claims}.items() if value is not None
    }
    header, _, signature = token.split(".")
    return f"{header}.{_encoded(kept)}.{signature}"


def _hmac(algorithm: str, content: str, key: str | bytes) -> str:
    key = key.encode() if isinstance(key, str) else key
    return _base64(hmac.new(key, content.encode(), HASHES[algorithm]).digest())


def _decoded(part: str) -> dict[str, Any]:
    try:
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise LoginError(
            "What a login gave is no JSON Web Token, which harness.toml says that it is.",
            "Correct [auth] style in harness.toml, or token_field and access_cookie.",
        )
    return found


def _encoded(part: dict[str, Any]) -> str:
    return _base64(json.dumps(part, separators=(",", ":")).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
