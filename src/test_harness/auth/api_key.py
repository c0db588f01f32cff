"""A key in a header or in the query, which is a column of the user or of a model of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from test_harness.application.clients import Credential
from test_harness.auth.answers import check_accepted, factory_name, field_of, refused
from test_harness.errors import LoginError
from test_harness.settings import settings


def from_login(response: Any) -> Credential:
    """Return what a client shows, from the answer of a route that hands out keys.

    Raises:
        LoginError: The application gave no key.
    """
    check_accepted(response)
    name = settings().auth.token_field
    key = field_of(response, name)
    if not key:
        raise refused(
            f"The answer has no key {name!r}.",
            "Correct [auth] token_field in harness.toml.",
            response,
        )
    return with_token(Credential(), key)


def mint(user: Any) -> Credential | None:
    """Return what `user` shows: the key in the user's own column.

    Raises:
        LoginError: The user has none.
    """
    name = settings().auth.api_key_attribute
    key = getattr(user, name, None)
    if not key:
        raise LoginError(
            f"The {type(user).__name__} has no key in its {name!r}.",
            f"Have {factory_name()} give it one, or correct [auth] api_key_attribute in "
            "harness.toml.",
        )
    return with_token(Credential(), str(key))


def token(credential: Credential) -> str:
    """Return the key that `credential` carries."""
    auth = settings().auth
    if auth.api_key_query:
        return credential.parameters[auth.api_key_query]
    return credential.headers[auth.api_key_header]


def with_token(credential: Credential, token: str) -> Credential:
    """Return `credential` with another key."""
    auth = settings().auth
    if auth.api_key_query:
        given = {**credential.parameters, auth.api_key_query: token}
        return replace(credential, parameters=given)
    return replace(credential, headers={**credential.headers, auth.api_key_header: token})
