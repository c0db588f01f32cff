# mypy: ignore-errors
"""Checks of what happens between a login and the next: refreshing, logging out, several devices."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx2
import pytest
import time_machine
from test_harness.application.assertions import assert_status
from test_harness.auth.flows.account import assert_no_password, refresh_token
from test_harness.auth.flows.steps_sync import get_in, log_out, refresh
from test_harness.auth.login_sync import log_in
from test_harness.auth.refusals import status_of
from test_harness.auth.styles import Credential, style
from test_harness.clock import now
from test_harness.factories.base import user_factory
from test_harness.fixtures.login_sync import MakeClient
from test_harness.settings import settings

pytestmark = [
    pytest.mark.api,
    pytest.mark.security,
    pytest.mark.usefixtures("db"),
    pytest.mark.needs("auth.login_path", "login"),
]

AUTH, FLOWS = settings().auth, settings().flows

needs_refresh = pytest.mark.needs("flows.refresh_path", "refresh of tokens")
needs_logout = pytest.mark.needs("flows.logout_path", "logout")
ends_sessions = pytest.mark.skipif(
    FLOWS.logout_reuse == "accepted",
    reason="a logout has the client alone forget what it showed (flows.logout_reuse)",
)


@pytest.fixture
def login(make_client: MakeClient, db: Any) -> httpx2.Response:
    """The answer to the login of a user."""
    return log_in(make_client(), user_factory().create())


@pytest.fixture
def credential(login: httpx2.Response) -> Credential:
    """What that user shows."""
    return style().from_login(login)


@needs_refresh
def test_a_refresh_token_is_traded_for_an_access_token(
    make_client: MakeClient, login: httpx2.Response, credential: Credential
) -> None:
    response = refresh(make_client, credential, refresh_token(login))
    assert_status(response, FLOWS.refresh_status)
    assert_no_password(response)
    fresh = style().from_login(response)
    assert_status(get_in(make_client, fresh), AUTH.opened_status)


@needs_refresh
def test_a_refresh_token_that_was_traded_is_worth_nothing(
    make_client: MakeClient, login: httpx2.Response, credential: Credential
) -> None:
    if FLOWS.refresh_reuse == "accepted":
        pytest.skip("the application trades a refresh token again and again (refresh_reuse)")
    old = refresh_token(login)
    fresh = refresh(make_client, credential, old)
    assert_status(fresh, FLOWS.refresh_status)
    assert refresh_token(fresh) != old, "the refresh token is the same as before"
    again = refresh(make_client, credential, old)
    assert_status(again, FLOWS.refresh_reused_status or FLOWS.refresh_refused_status)


@needs_refresh
def test_a_refresh_token_that_comes_back_ends_the_session(
    make_client: MakeClient, login: httpx2.Response, credential: Credential
) -> None:
    if FLOWS.refresh_reuse != "ends":
        pytest.skip("the session goes on when a refresh token comes back (refresh_reuse)")
    fresh = refresh(make_client, credential, refresh_token(login))
    refresh(make_client, credential, refresh_token(login))
    stolen = style().from_login(fresh)
    assert_status(get_in(make_client, stolen), status_of("ended_by_reuse"))
    once_more = refresh(make_client, stolen, refresh_token(fresh))
    assert_status(once_more, status_of("refresh_ended"))


@needs_refresh
def test_a_refresh_token_is_no_access_token(
    make_client: MakeClient, login: httpx2.Response, credential: Credential
) -> None:
    shown = style().with_token(credential, refresh_token(login))
    assert_status(get_in(make_client, shown), status_of("refresh_as_access"))


@needs_refresh
def test_an_access_token_is_no_refresh_token(
    make_client: MakeClient, credential: Credential
) -> None:
    response = refresh(make_client, credential, style().token(credential))
    assert_status(response, status_of("refresh_with_access"))


@needs_refresh
@pytest.mark.parametrize("token", ["x", "a.b.c", "null"])
def test_a_malformed_refresh_token_is_refused(
    make_client: MakeClient, credential: Credential, token: str
) -> None:
    response = refresh(make_client, credential, token)
    assert_status(response, status_of("refresh_malformed"))


@needs_logout
@ends_sessions
def test_a_logout_ends_what_the_client_showed(
    make_client: MakeClient, login: httpx2.Response, credential: Credential
) -> None:
    assert_status(get_in(make_client, credential), AUTH.opened_status)
    assert_status(log_out(make_client, credential, login), FLOWS.logout_status)
    # The same once more, as somebody would who had copied it.
    assert_status(get_in(make_client, credential), FLOWS.ended_status)


@needs_logout
@needs_refresh
@ends_sessions
def test_a_logout_ends_the_refresh_token(
    make_client: MakeClient, login: httpx2.Response, credential: Credential
) -> None:
    assert_status(log_out(make_client, credential, login), FLOWS.logout_status)
    response = refresh(make_client, credential, refresh_token(login))
    assert_status(response, status_of("refresh_ended"))


@needs_logout
@ends_sessions
def test_a_logout_leaves_other_devices_alone(make_client: MakeClient) -> None:
    user = user_factory().create()
    # Tokens that say no more than when they were made differ only when that differs.
    with time_machine.travel(now() - timedelta(seconds=2)):
        login = log_in(make_client(), user)
    here = style().from_login(login)
    there = style().from_login(log_in(make_client(), user))
    assert style().token(here) != style().token(there), "two logins have the same token"
    assert_status(log_out(make_client, here, login), FLOWS.logout_status)
    assert_status(get_in(make_client, here), FLOWS.ended_status)
    assert_status(get_in(make_client, there), AUTH.opened_status)
