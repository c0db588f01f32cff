"""Which columns hold what nobody is to be shown."""

from __future__ import annotations

import pytest

from test_harness.walk.oracles.private_fields import is_kept_secret


@pytest.mark.parametrize(
    "column", ["hashed_password", "client_secret", "reset_token", "salt", "private_key"]
)
def test_what_opens_something_is_a_secret(column: str) -> None:
    assert is_kept_secret(column)


@pytest.mark.parametrize(
    "column", ["secret_name", "password_changed_at", "salt_type", "secret_version", "email"]
)
def test_what_is_said_about_one_is_none(column: str) -> None:
    assert not is_kept_secret(column)
