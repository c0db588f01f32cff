# mypy: ignore-errors
"""Checks of forgotten passwords: the mail alone opens the account, once, and not for long."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from test_harness.application.assertions import assert_status
from test_harness.auth.flows.account import NEW_PASSWORD, Account, assert_no_password, request
from test_harness.auth.flows.steps_async import (
    assert_enters,
    assert_stays_out,
    get_in,
    log_in_as,
    sign_up,
)
from test_harness.auth.refusals import status_of
from test_harness.auth.styles import PASSWORD
from test_harness.auth.telling import assert_tells_no_account
from test_harness.clock import now
from test_harness.doubles.mail import Mailbox
from test_harness.factories.base import user_factory
from test_harness.fixtures.login_async import MakeClient
from test_harness.settings import settings

pytestmark = [
    pytest.mark.api,
    pytest.mark.security,
    pytest.mark.needs("auth.user_password_attribute", "passwords"),
    pytest.mark.needs("flows.reset_request_path", "mail for forgotten passwords"),
    pytest.mark.needs("flows.reset_confirm_path", "reset of passwords"),
]

AUTH, FLOWS = settings().auth, settings().flows


@pytest.fixture
async def user(db: Any) -> Any:
    return await user_factory().create_async()


@pytest.fixture
async def sent(make_client: MakeClient, mailbox: Mailbox, user: Any) -> dict[str, Any]:
    """The request with which a user who was sent a mail sets a new password."""
    account = Account.of(user)
    response = await make_client().request(**request("reset_request", account))
    assert_status(response, FLOWS.reset_request_status)
    return request("reset_confirm", account, mailbox.token_for(account.email))


async def test_the_new_password_takes_the_place_of_the_old(
    make_client: MakeClient, user: Any, sent: dict[str, Any]
) -> None:
    response = await make_client().request(**sent)
    assert_status(response, FLOWS.reset_confirm_status)
    assert_no_password(response)
    await assert_enters(make_client, user, NEW_PASSWORD)
    await assert_stays_out(make_client, user, PASSWORD)


async def test_a_mail_is_good_for_one_reset(
    make_client: MakeClient, mailbox: Mailbox, user: Any, sent: dict[str, Any]
) -> None:
    account = Account.of(user, f"{NEW_PASSWORD}-2")
    again = request("reset_confirm", account, mailbox.token_for(account.email))
    assert_status(await make_client().request(**sent), FLOWS.reset_confirm_status)
    assert_status(await make_client().request(**again), status_of("reset_again"))
    await assert_stays_out(make_client, user, account.password)


async def test_a_mail_is_good_for_a_while(
    make_client: MakeClient, user: Any, sent: dict[str, Any]
) -> None:
    late = now() + timedelta(minutes=FLOWS.reset_minutes, seconds=1)
    with time_machine.travel(late):
        assert_status(await make_client().request(**sent), status_of("reset_late"))
    await assert_stays_out(make_client, user, NEW_PASSWORD)


async def test_a_mail_is_good_until_then(make_client: MakeClient, sent: dict[str, Any]) -> None:
    in_time = now() + timedelta(minutes=FLOWS.reset_minutes, seconds=-10)
    with time_machine.travel(in_time):
        assert_status(await make_client().request(**sent), FLOWS.reset_confirm_status)


async def test_a_reset_cannot_be_guessed(
    make_client: MakeClient, mailbox: Mailbox, user: Any, sent: dict[str, Any]
) -> None:
    account = Account.of(user)
    token = mailbox.token_for(account.email)
    changed = ("A" if token[0] != "A" else "B") + token[1:]
    response = await make_client().request(**request("reset_confirm", account, changed))
    assert_status(response, status_of("reset_guessed"))
    await assert_stays_out(make_client, user, NEW_PASSWORD)


async def test_a_reset_ends_what_clients_showed(
    make_client: MakeClient, user: Any, sent: dict[str, Any]
) -> None:
    credential = await log_in_as(make_client, user)
    assert_status(await get_in(make_client, credential), AUTH.opened_status)
    assert_status(await make_client().request(**sent), FLOWS.reset_confirm_status)
    assert_status(await get_in(make_client, credential), status_of("ended_by_reset"))


async def test_asking_for_a_mail_does_not_tell_who_has_an_account(
    make_client: MakeClient, mailbox: Mailbox, user: Any
) -> None:
    known = await make_client().request(**request("reset_request", Account.of(user)))
    unknown = await make_client().request(**request("reset_request", Account.new()))
    assert_status(known, FLOWS.reset_request_status)
    assert_tells_no_account(known, unknown)


async def test_what_the_mail_says_is_in_no_answer(
    make_client: MakeClient, mailbox: Mailbox, user: Any
) -> None:
    account = Account.of(user)
    response = await make_client().request(**request("reset_request", account))
    assert_status(response, FLOWS.reset_request_status)
    assert mailbox.token_for(account.email) not in response.text


@pytest.mark.needs("flows.signup_path", "signup")
@pytest.mark.needs("flows.verify_path", "verification of addresses")
async def test_a_verification_is_no_reset(make_client: MakeClient, mailbox: Mailbox) -> None:
    account = Account.new()
    await sign_up(make_client, account)
    token = mailbox.token_for(account.email)
    response = await make_client().request(**request("reset_confirm", account, token))
    assert_status(response, status_of("reset_by_verification"))


async def test_a_mail_opens_no_account_of_another(
    make_client: MakeClient, user: Any, sent: dict[str, Any]
) -> None:
    other = await user_factory().create_async()
    assert_status(await make_client().request(**sent), FLOWS.reset_confirm_status)
    await assert_stays_out(make_client, other, NEW_PASSWORD)


@pytest.mark.parametrize("password", FLOWS.weak_passwords.split())
async def test_a_weak_password_is_refused(
    make_client: MakeClient, mailbox: Mailbox, user: Any, sent: dict[str, Any], password: str
) -> None:
    account = Account.of(user, password)
    token = mailbox.token_for(account.email)
    response = await make_client().request(**request("reset_confirm", account, token))
    assert_status(response, status_of("weak_at_reset"))
    await assert_stays_out(make_client, user, password)
