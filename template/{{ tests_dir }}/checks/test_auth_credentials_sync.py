# mypy: ignore-errors
"""Checks that a user gets in, and nobody with what only looks like a credential."""

from __future__ import annotations

import pytest
from test_harness.application.assertions import assert_status
from test_harness.auth.refusals import kinds, status_of
from test_harness.factories.base import user_factory
from test_harness.fixtures.login_sync import ClientAs
from test_harness.settings import settings

AUTH = settings().auth

pytestmark = [
    pytest.mark.api,
    pytest.mark.security,
    pytest.mark.needs("auth.protected_path", "protected path"),
]


def test_a_logged_in_user_gets_in(client_as: ClientAs) -> None:
    client = client_as(user_factory().create())
    assert_status(client.get(AUTH.protected_path), AUTH.opened_status)


@pytest.mark.parametrize("kind", kinds())
def test_what_has_to_be_refused_opens_nothing(
    client_as: ClientAs, refused_client: ClientAs, kind: str
) -> None:
    user = user_factory().create()
    own, refused = client_as(user), refused_client(kind, user)
    assert_status(refused.get(AUTH.protected_path), status_of(kind))
    assert_status(own.get(AUTH.protected_path), AUTH.opened_status)
