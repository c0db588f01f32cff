"""A token in a cookie; where the application demands it, a header repeats another cookie."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from test_harness.application.clients import Credential
from test_harness.auth import minting
from test_harness.auth.answers import check_accepted, cookies_of, refused, with_csrf_header
from test_harness.settings import settings


def from_login(response: Any) -> Credential:
    """Return what a logged-in client shows, from the answer to the login.

    Raises:
        LoginError: The application did not log the user in, or set no cookie with a token.
    """
    check_accepted(response)
    auth = settings().auth
    given = cookies_of(response)
    if auth.access_cookie not in given.cookies:
        raise refused(
            f"The login set no cookie {auth.access_cookie!r}; it set "
            f"{', '.join(map(repr, given.cookies)) or 'none'}.",
            "Correct [auth] access_cookie in harness.toml.",
            response,
        )
    return with_csrf_header(given)


def mint(user: Any) -> Credential | None:
    """Return what `user` shows, made without a login; None where that cannot be done."""
    return minting.made("jwt_cookie", user)


def token(credential: Credential) -> str:
    """Return the access token that `credential` carries."""
    return credential.cookies[settings().auth.access_cookie]


def with_token(credential: Credential, token: str) -> Credential:
    """Return `credential` with another access token."""
    name = settings().auth.access_cookie
    return replace(credential, cookies={**credential.cookies, name: token})
