# mypy: ignore-errors
"""Checks of signing up: an account is of use once it is verified, and to nobody else."""

from __future__ import annotations

import pytest
from test_harness.application.assertions import assert_status
from test_harness.auth.flows.account import NEW_PASSWORD, Account, assert_no_password, request
from test_harness.auth.flows.steps_sync import (
    assert_enters,
    assert_stays_out,
    sign_up,
    verify,
)
from test_harness.auth.refusals import status_of
from test_harness.auth.telling import assert_tells_no_account
from test_harness.doubles.mail import Mailbox
from test_harness.factories.base import user_factory
from test_harness.fixtures.login_sync import MakeClient
from test_harness.settings import settings

pytestmark = [
    pytest.mark.api,
    pytest.mark.security,
    pytest.mark.usefixtures("db"),
    pytest.mark.needs("auth.user_password_attribute", "passwords"),
    pytest.mark.needs("flows.signup_path", "signup"),
]

FLOWS = settings().flows

needs_verification = pytest.mark.needs("flows.verify_path", "verification of addresses")


def test_who_signed_up_gets_in(make_client: MakeClient, mailbox: Mailbox) -> None:
    account = Account.new()
    assert_status(sign_up(make_client, account), FLOWS.signup_status)
    verify(make_client, mailbox, account)
    assert_enters(make_client, account, account.password)


def test_a_signup_never_shows_the_password(make_client: MakeClient, mailbox: Mailbox) -> None:
    response = sign_up(make_client, Account.new())
    assert_status(response, FLOWS.signup_status)
    assert_no_password(response)


@needs_verification
def test_who_did_not_verify_the_address_stays_out(
    make_client: MakeClient, mailbox: Mailbox
) -> None:
    account = Account.new()
    assert_status(sign_up(make_client, account), FLOWS.signup_status)
    assert_stays_out(make_client, account, account.password, FLOWS.unverified_status)


@needs_verification
def test_a_verification_is_good_once(make_client: MakeClient, mailbox: Mailbox) -> None:
    account = Account.new()
    sign_up(make_client, account)
    sent = request("verify", account, mailbox.token_for(account.email))
    assert_status(make_client().request(**sent), FLOWS.verify_status)
    assert_status(make_client().request(**sent), status_of("verify_again"))


@needs_verification
def test_a_verification_cannot_be_guessed(make_client: MakeClient, mailbox: Mailbox) -> None:
    account = Account.new()
    sign_up(make_client, account)
    token = mailbox.token_for(account.email)
    changed = ("A" if token[0] != "A" else "B") + token[1:]
    response = make_client().request(**request("verify", account, changed))
    assert_status(response, status_of("verify_guessed"))
    assert_stays_out(make_client, account, account.password, FLOWS.unverified_status)


def test_signing_up_twice_changes_nothing(make_client: MakeClient, mailbox: Mailbox) -> None:
    user = user_factory().create()
    response = sign_up(make_client, Account.of(user))
    assert_status(response, FLOWS.signup_again_status)
    assert_stays_out(make_client, user, NEW_PASSWORD)
    assert_enters(make_client, user)


def test_a_signup_does_not_tell_who_has_an_account(
    make_client: MakeClient, mailbox: Mailbox
) -> None:
    if FLOWS.signup_again_status != FLOWS.signup_status:
        pytest.skip("the application tells it by signup_again_status")
    known = sign_up(make_client, Account.of(user_factory().create()))
    unknown = sign_up(make_client, Account.new())
    assert_tells_no_account(known, unknown)


@pytest.mark.parametrize("password", FLOWS.weak_passwords.split())
def test_a_weak_password_is_refused(
    make_client: MakeClient, mailbox: Mailbox, password: str
) -> None:
    account = Account.of(user_factory().build(), password)
    response = sign_up(make_client, account)
    assert_status(response, FLOWS.weak_password_status)
    assert not mailbox.to(account.email)
