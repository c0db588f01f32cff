"""A cookie that stands for a session: its key in a table or store, or the signed session itself."""

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
        LoginError: The application did not log the user in, or set no cookie.
    """
    check_accepted(response)
    name = settings().auth.session_cookie
    given = cookies_of(response)
    if name not in given.cookies:
        raise refused(
            f"The login set no cookie {name!r}; it set "
            f"{', '.join(map(repr, given.cookies)) or 'none'}.",
            "Correct [auth] session_cookie in harness.toml, or compare the factory of users and "
            "password_hasher with what the route demands: a form that is shown again refuses.",
            response,
        )
    return with_csrf_header(given)


def mint(user: Any) -> Credential | None:
    """Return what `user` shows, made without a login; None where that cannot be done."""
    return minting.made("session_cookie", user)


def token(credential: Credential) -> str:
    """Return the value of the cookie that `credential` carries."""
    return credential.cookies[settings().auth.session_cookie]


def with_token(credential: Credential, token: str) -> Credential:
    """Return `credential` with another value of the cookie."""
    name = settings().auth.session_cookie
    return replace(credential, cookies={**credential.cookies, name: token})
