"""Name and password with every request (RFC 7617)."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

from test_harness.application.clients import Credential
from test_harness.application.passwords import PASSWORD
from test_harness.errors import LoginError
from test_harness.settings import settings


def from_login(response: Any) -> Credential:
    """Refuse: there is no login that a credential could come from.

    Raises:
        LoginError: Always.
    """
    raise LoginError(
        "With HTTP Basic nobody logs in: name and password go with every request.",
        "Ask client_as(user) for a client.",
    )


def mint(user: Any) -> Credential | None:
    """Return what `user` shows: the name and the password of every user that factories make."""
    name = getattr(user, settings().auth.user_login_attribute)
    return with_token(Credential(), encoded(name, PASSWORD))


def encoded(name: str, password: str) -> str:
    """Return name and password as the header carries them."""
    return base64.b64encode(f"{name}:{password}".encode()).decode()


def decoded(token: str) -> str:
    """Return name and password, with a colon between them, from what the header carries."""
    return base64.b64decode(token).decode()


def token(credential: Credential) -> str:
    """Return name and password as `credential` carries them."""
    return credential.headers["Authorization"].removeprefix("Basic ")


def with_token(credential: Credential, token: str) -> Credential:
    """Return `credential` with another name and password, as the header carries them."""
    return replace(credential, headers={**credential.headers, "Authorization": f"Basic {token}"})
