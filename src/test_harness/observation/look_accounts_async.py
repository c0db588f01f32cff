"""Looks at accounts: how they are opened, which passwords they may have, how one gets a new one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from test_harness.auth.flows.account import NEW_PASSWORD, Account
from test_harness.auth.flows.account import request as step
from test_harness.auth.flows.steps_async import MakeClient, log_in_as, sign_up
from test_harness.clock import now
from test_harness.doubles.mail import Mailbox
from test_harness.factories.base import user_factory
from test_harness.observation.answers import (
    is_answer,
    refuses,
    turns_back,
    went_well,
)
from test_harness.observation.notebook import Notebook
from test_harness.observation.tries_async import lets_in, mended_step, shown_to, tried
from test_harness.settings import settings

# How long a mail may be good, in minutes, from which on it is so for ever.
MINUTES = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 1440, 2880, 4320, 10080)


@pytest.fixture
def mails(request: pytest.FixtureRequest, notebook: Notebook, db: Any) -> Any:
    """The mails of the application, where a double takes them; None where none does."""
    if not (notebook.knows_the_login and settings().auth.user_password_attribute):
        pytest.skip("how a user gets in was not seen")
    has_double = "mail" in settings().application.doubles.split()
    return request.getfixturevalue("mailbox") if has_double else None


def token_for(mails: Mailbox | None, account: Account) -> str:
    """Return the token of the last mail to an account, empty where there is none."""
    try:
        return mails.token_for(account.email) if mails else ""
    except AssertionError:
        return ""


def changed(token: str) -> str:
    """Return a token of a mail with another first character."""
    return f"{'B' if token[0] == 'A' else 'A'}{token[1:]}"


async def test_signup(make_client: MakeClient, notebook: Notebook, mails: Any) -> None:
    if not settings().flows.signup_path:
        return
    account = Account.new()
    response, payload = await mended_step(notebook, "signup", sign_up, make_client, account)
    if not went_well(response):
        return
    await saw_verification(make_client, notebook, mails, account)
    if await lets_in(make_client, account, account.password):
        notebook.saw("flows.signup_payload", payload, "what it said was missing", response)
        notebook.saw("flows.signup_status", response.status_code, "a new account", response)
    elif turns_back(response):
        # What it asks for besides, a code from a mail perhaps, cannot be known.
        what = "a new account, and led back to the form,"
        notebook.saw("flows.signup_path", "", what, response)


async def saw_verification(
    make_client: MakeClient, notebook: Notebook, mails: Any, account: Account
) -> None:
    """Follow the link of a mail after a signup, where there is one; note what comes of that."""
    flows = settings().flows
    token = token_for(mails, account) if flows.verify_path else ""
    if not token:
        return
    early = await lets_in(make_client, account, account.password)
    wrong, right = step("verify", account, changed(token)), step("verify", account, token)
    guessed = await tried(make_client().request, **wrong)
    by_guessing = await lets_in(make_client, account, account.password)
    verified = await tried(make_client().request, **right)
    if not early and went_well(verified) and await lets_in(make_client, account, account.password):
        notebook.saw("flows.verify_status", verified.status_code, "a code", verified)
    again = await tried(make_client().request, **right)
    notebook.saw_refusals(
        {
            "verify_guessed": guessed if is_answer(guessed) and not by_guessing else None,
            "verify_again": again if refuses(again) else None,
        }
    )


async def test_signup_of_a_user(make_client: MakeClient, notebook: Notebook, mails: Any) -> None:
    if not settings().flows.signup_path:
        return
    user = await user_factory().create_async()
    response = await tried(sign_up, make_client, Account.of(user))
    taken = await lets_in(make_client, user, NEW_PASSWORD)
    if is_answer(response) and not taken:
        what = "the address of a user"
        notebook.saw("flows.signup_again_status", response.status_code, what, response)


async def test_weak_passwords(make_client: MakeClient, notebook: Notebook, mails: Any) -> None:
    flows = settings().flows
    if "flows.signup_status" not in notebook:
        return
    refused = {}
    for password in flows.weak_passwords.split():
        account = Account.of(user_factory().build(), password)
        response = await tried(sign_up, make_client, account)
        is_fine = went_well(response) and response.status_code == flows.signup_status
        if not (
            is_fine and (flows.verify_path or await lets_in(make_client, account, account.password))
        ):
            refused[password] = response
    saw_weak(notebook, refused, "a signup")


def saw_weak(notebook: Notebook, refused: dict[str, Any], where: str) -> None:
    """Note which of the weak passwords are refused, and how.

    Args:
        notebook: Where it is noted.
        refused: The answers to those that were.
        where: What took the others.
    """
    weak = settings().flows.weak_passwords.split()
    accepted = [password for password in weak if password not in refused]
    if accepted:
        what = f"{where} took {' and '.join(map(repr, accepted))}"
        notebook.saw("flows.weak_passwords", " ".join(refused), what)
    for response in filter(is_answer, refused.values()):
        status = response.status_code
        notebook.saw("flows.weak_password_status", status, "a weak password", response)


@dataclass(frozen=True)
class Mailed:
    """A user who was sent a mail for a forgotten password, and what the application answered."""

    user: Any
    token: str
    answer: Any

    def reset(self, password: str, token: str = "") -> dict[str, Any]:
        """Return the request that sets a new password."""
        return step("reset_confirm", Account.of(self.user, password), token or self.token)


async def mail_sent(make_client: MakeClient, mails: Mailbox | None) -> Mailed:
    """Have a mail sent to a new user; skip the rest where none is."""
    flows = settings().flows
    if not (flows.reset_request_path and flows.reset_confirm_path):
        pytest.skip("passwords cannot be reset")
    user = await user_factory().create_async()
    account = Account.of(user)
    asked = await tried(make_client().request, **step("reset_request", account))
    token = token_for(mails, account) if went_well(asked) else ""
    if not token:
        pytest.skip("no mail was sent")
    return Mailed(user, token, asked)


async def test_reset(make_client: MakeClient, notebook: Notebook, mails: Any) -> None:
    mailed = await mail_sent(make_client, mails)
    asked, user = mailed.answer, mailed.user
    notebook.saw("flows.reset_request_status", asked.status_code, "an address", asked)
    credential = await log_in_as(make_client, user)
    done = await tried(make_client().request, **mailed.reset(NEW_PASSWORD))
    if not (went_well(done) and await lets_in(make_client, user, NEW_PASSWORD)):
        return
    notebook.saw("flows.reset_confirm_status", done.status_code, "a code", done)
    page = await shown_to(make_client, credential)
    notebook.saw_alone("ended_by_reset", page if refuses(page) else None)
    answers = {}
    for kind, token in (("guessed", changed(mailed.token)), ("again", mailed.token)):
        password = f"{NEW_PASSWORD}-{kind}"
        sent = mailed.reset(password, token)
        answer = await tried(make_client().request, **sent)
        is_set = await lets_in(make_client, user, password)
        answers[f"reset_{kind}"] = answer if is_answer(answer) and not is_set else None
    notebook.saw_refusals(answers)


async def test_late_reset(make_client: MakeClient, notebook: Notebook, mails: Any) -> None:
    read = settings().flows.reset_minutes
    for minutes in (read, *MINUTES):
        late, was_set = await reset_after(make_client, mails, minutes * 60 + 1)
        if was_set or not is_answer(late):
            continue
        _, was_set = await reset_after(make_client, mails, minutes * 60 - 10)
        if was_set:
            what = f"a code that is {minutes} minutes old"
            notebook.saw("flows.reset_minutes", minutes, what, late)
            notebook.saw_alone("reset_late", late)
            return
        if minutes != read:
            return


async def reset_after(
    make_client: MakeClient, mails: Mailbox | None, seconds: int
) -> tuple[Any, bool]:
    """Set a new password by a mail of a while ago; return the answer, and whether it was set."""
    mailed = await mail_sent(make_client, mails)
    with time_machine.travel(now() + timedelta(seconds=seconds)):
        answer = await tried(make_client().request, **mailed.reset(NEW_PASSWORD))
    return answer, await lets_in(make_client, mailed.user, NEW_PASSWORD)


async def test_weak_resets(make_client: MakeClient, notebook: Notebook, mails: Any) -> None:
    refused = {}
    for password in settings().flows.weak_passwords.split():
        mailed = await mail_sent(make_client, mails)
        sent = mailed.reset(password)
        answer = await tried(make_client().request, **sent)
        if not await lets_in(make_client, mailed.user, password):
            refused[password] = answer
    if not settings().flows.signup_path:
        saw_weak(notebook, refused, "a reset")
    answer = next(filter(is_answer, refused.values()), None)
    notebook.saw_alone("weak_at_reset", answer)
