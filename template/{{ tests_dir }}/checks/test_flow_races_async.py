# mypy: ignore-errors
"""Checks of what several ask for at once, on connections of their own."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from test_harness.application.assertions import assert_status
from test_harness.auth.flows.account import Account
from test_harness.auth.flows.steps_async import count_users, sign_up
from test_harness.doubles.mail import Mailbox
from test_harness.fixtures.login_async import MakeClient
from test_harness.fixtures.race_async import Race
from test_harness.settings import settings

pytestmark = [
    pytest.mark.api,
    pytest.mark.concurrency,
    pytest.mark.xdist_group("real commits"),
    pytest.mark.needs("auth.user_password_attribute", "passwords"),
    pytest.mark.needs("flows.signup_path", "signup"),
]


async def test_one_address_signs_up_once_however_many_try(
    race: Race, make_client: MakeClient, mailbox: Mailbox, db: AsyncSession
) -> None:
    before = await count_users(db)
    response = await sign_up(make_client, Account.new())
    assert_status(response, settings().flows.signup_status)
    by_one = await count_users(db) - before
    account = Account.new()
    outcomes = await race(3, lambda _: sign_up(make_client, account))
    outcomes.assert_refused_cleanly()
    outcomes.assert_made(await count_users(db) - before - by_one, by_one)
