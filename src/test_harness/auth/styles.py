"""Logging in the way a client of the application does; the answer is checked, never assumed.

Each style is a module of this package with the functions of `Style`. Several may be in use at once:
the main one is `[auth] style`, the others are `[auth] also`.
"""

from __future__ import annotations

import importlib
from typing import Any, Protocol, cast
from urllib.parse import parse_qsl

from test_harness.application.clients import ANONYMOUS, Credential
from test_harness.application.passwords import PASSWORD, hashed_password
from test_harness.errors import SettingsError
from test_harness.settings import settings

__all__ = [
    "ANONYMOUS",
    "PASSWORD",
    "Credential",
    "Style",
    "credential_from",
    "fields_of",
    "hashed_password",
    "login_path",
    "login_request",
    "style",
    "styles",
]

# Where a client is handed what a login sends, by how the settings call it.
_SENT_AS = {"form": "data", "query": "params"}


class Style(Protocol):
    """A way to prove who one is."""

    def from_login(self, response: Any) -> Credential:
        """Return what a logged-in client shows, from the answer to the login.

        Raises:
            LoginError: The application did not log the user in.
        """

    def mint(self, user: Any) -> Credential | None:
        """Return what `user` shows, made without a login; None where that cannot be done."""

    def token(self, credential: Credential) -> str:
        """Return the one secret that `credential` carries."""

    def with_token(self, credential: Credential, token: str) -> Credential:
        """Return `credential` with another secret in the place of its own."""


def styles() -> list[str]:
    """Return the names of the styles that the application knows, the main one first."""
    auth = settings().auth
    return [auth.style, *auth.also.split()]


def style(name: str = "") -> Style:
    """Return a style by its name, the main one if none is given.

    Raises:
        SettingsError: The settings do not name it.
    """
    known = styles()
    if name and name not in known:
        raise SettingsError(
            f"harness.toml does not say that the application knows {name!r}.",
            f"Use one of {', '.join(known)}, or answer the question about further styles anew.",
        )
    found: Any = importlib.import_module(f"test_harness.auth.{name or known[0]}")
    return cast(Style, found)


def credential_from(response: Any) -> Credential:
    """Return what a logged-in client shows, from the answer to the login.

    Raises:
        LoginError: The application did not log the user in.
    """
    return style().from_login(response)


def login_path(user: Any) -> str:
    """Return the path that `user` logs in at."""
    return settings().auth.login_path.format(user=user)


def login_request(
    user: Any, password: str = PASSWORD, form: dict[str, str] | None = None
) -> dict[str, Any]:
    """Return what to pass to `client.post()` to log `user` in.

    Args:
        user: Who logs in.
        password: The plain password.
        form: Further fields, such as the token of the form that was fetched before.
    """
    auth = settings().auth
    name = getattr(user, auth.user_login_attribute)
    if auth.login_encoding == "basic":
        return {"url": login_path(user), "auth": (name, password)}
    payload: dict[str, Any] = {
        **dict(parse_qsl(auth.login_extra)),
        auth.login_field: name,
        auth.password_field: password,
        **(form or {}),
    }
    if auth.login_nested_in:
        payload = {auth.login_nested_in: payload}
    return {"url": login_path(user), _SENT_AS.get(auth.login_encoding, "json"): payload}


def fields_of(request: dict[str, Any]) -> dict[str, Any]:
    """Return what a request made by `login_request` sends, wherever it sends it.

    Args:
        request: Of a login that has fields: none by HTTP Basic.
    """
    places = ("json", *_SENT_AS.values())
    sent: dict[str, Any] = next(request[place] for place in places if place in request)
    return sent
