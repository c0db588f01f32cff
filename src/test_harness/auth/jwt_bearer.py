"""A token in a header, such as `Authorization: Bearer ...`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from test_harness.application.clients import Credential
from test_harness.auth import minting
from test_harness.auth.answers import (
    asks_for_second_factor,
    check_accepted,
    factory_name,
    field_of,
    refused,
)
from test_harness.settings import settings


def from_login(response: Any) -> Credential:
    """Return what a logged-in client shows, from the answer to the login.

    Raises:
        LoginError: The application did not log the user in, or gave no token.
    """
    check_accepted(response)
    name = settings().auth.token_field
    token = field_of(response, name)
    if not token:
        if asks_for_second_factor(response.text.lower()):
            fix = f"Have {factory_name()} make users who log in without a second factor."
        else:
            fix = "Correct [auth] token_field in harness.toml."
        raise refused(f"The answer to the login has no {name!r}.", fix, response)
    beside = settings().auth.refresh_cookie
    refresh = {beside: response.cookies[beside]} if response.cookies.get(beside) else {}
    return with_token(Credential(cookies=refresh), token)


def mint(user: Any) -> Credential | None:
    """Return what `user` shows, made without a login; None where that cannot be done."""
    return minting.made("jwt_bearer", user)


def token(credential: Credential) -> str:
    """Return the token that `credential` carries."""
    auth = settings().auth
    return credential.headers[auth.token_header].removeprefix(auth.token_prefix).strip()


def with_token(credential: Credential, token: str) -> Credential:
    """Return `credential` with another token."""
    auth = settings().auth
    shown = f"{auth.token_prefix} {token}".strip()
    return replace(credential, headers={**credential.headers, auth.token_header: shown})
