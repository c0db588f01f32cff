"""Logging in the way a client of the application does; the answer is checked, never assumed."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from harness.application import import_object
from harness.errors import LoginError
from harness.settings import settings

PASSWORD = "Correct-Horse-7-Battery"  # noqa: S105 - the plain password of every user that factories make


@cache
def hashed_password() -> str:
    """Return PASSWORD as the application's own hasher stores it, hashed once per run."""
    hasher: Callable[[str], str] = import_object(settings().auth.password_hasher)
    return hasher(PASSWORD)


def login_request(user: Any, password: str = PASSWORD) -> dict[str, Any]:
    """Return what to pass to `client.post()` to log `user` in."""
    auth = settings().auth
    payload = {
        auth.login_field: getattr(user, auth.user_login_attribute),
        auth.password_field: password,
    }
    return {"url": auth.login_path, ("data" if auth.login_encoding == "form" else "json"): payload}


def bearer_headers(response: Any) -> dict[str, str]:
    """Return the headers of a logged-in user from the answer to the login.

    Raises:
        LoginError: The application did not log the user in, or gave no token.
    """
    auth = settings().auth
    shown = f"POST {auth.login_path} answered {response.status_code}: {response.text[:500]}"
    if response.status_code >= 300:
        raise LoginError(
            f"The login of a user made by UserFactory was refused. {shown}",
            "Compare [auth] in harness.toml with the login route, and UserFactory with what the "
            "route demands of a user (active, verified).",
        )
    token = response.json()
    for field in auth.token_field.split("."):
        token = token.get(field) if isinstance(token, dict) else None
    if not token:
        raise LoginError(
            f"The answer to the login has no {auth.token_field!r}. {shown}",
            "Correct [auth] token_field in harness.toml.",
        )
    return {"Authorization": f"Bearer {token}"}


def bearer_token(headers: Mapping[str, str]) -> str:
    """Return the token that `headers` carry."""
    return headers["Authorization"].removeprefix("Bearer ")


def unsigned(token: str) -> str:
    """Return a JWT with the same claims that says it needs no signature (RFC 7519, section 6)."""
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode())
    return f"{header.decode().rstrip('=')}.{token.split('.')[1]}."
