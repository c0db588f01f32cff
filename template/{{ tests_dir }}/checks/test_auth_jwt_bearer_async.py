# mypy: ignore-errors
"""Checks that the protected route opens to a valid token and to nothing else."""

from __future__ import annotations

import httpx2
import pytest
from test_harness.application.assertions import assert_status
from test_harness.auth.refusals import status_of
from test_harness.auth.styles import (
    ANONYMOUS,
    PASSWORD,
    Credential,
    credential_from,
    login_request,
    style,
)
from test_harness.auth.telling import assert_tells_no_account
from test_harness.factories.base import user_factory
from test_harness.fixtures.login_async import CredentialOf, MakeClient
from test_harness.settings import settings

pytestmark = [pytest.mark.api, pytest.mark.security]

PROTECTED = settings().auth.protected_path


async def test_the_login_never_shows_the_password(client: httpx2.AsyncClient) -> None:
    user = await user_factory().create_async()
    response = await client.post(**login_request(user))
    credential_from(response)
    stored = getattr(user, settings().auth.user_password_attribute)
    assert PASSWORD not in response.text
    assert (stored.encode() if isinstance(stored, str) else stored) not in response.content


async def test_a_wrong_password_is_refused(client: httpx2.AsyncClient) -> None:
    user = await user_factory().create_async()
    response = await client.post(**login_request(user, password=f"{PASSWORD}-wrong"))
    assert_status(response, settings().auth.login_refused_status)


async def test_an_unknown_user_is_refused_like_a_wrong_password(client: httpx2.AsyncClient) -> None:
    user = await user_factory().create_async()
    wrong_password = await client.post(**login_request(user, password=f"{PASSWORD}-wrong"))
    unknown_user = await client.post(**login_request(user_factory().build()))
    assert_tells_no_account(wrong_password, unknown_user)


@pytest.mark.parametrize("token", ["x", "a.b.c", "null"])
async def test_a_malformed_token_is_refused(client: httpx2.AsyncClient, token: str) -> None:
    forged = style().with_token(ANONYMOUS, token)
    response = await client.get(PROTECTED, headers=forged.headers)
    assert_status(response, status_of("malformed"))


async def test_another_scheme_is_refused(
    make_client: MakeClient, credential_of: CredentialOf
) -> None:
    token = style().token(await credential_of(await user_factory().create_async()))
    client = make_client(Credential({settings().auth.token_header: f"Basic {token}"}))
    assert_status(await client.get(PROTECTED), settings().auth.other_scheme_status)
