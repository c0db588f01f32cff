# mypy: ignore-errors
"""Checks of invitations: who may send one, and what it is good for, once and for a while."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from test_harness.application.assertions import assert_status
from test_harness.auth.flows.invitations_async import Invitation, Invitations
from test_harness.auth.refusals import status_of
from test_harness.clock import now
from test_harness.doubles.mail import Mailbox
from test_harness.factories.base import user_factory
from test_harness.fixtures.login_async import ClientAs, MakeClient
from test_harness.settings import settings

pytestmark = [
    pytest.mark.api,
    pytest.mark.security,
    pytest.mark.usefixtures("db"),
    pytest.mark.needs("flows.invite_path", "invitations"),
    pytest.mark.needs("flows.invite_accept_path", "way to accept invitations"),
]

AUTH, FLOWS = settings().auth, settings().flows

needs_cancelling = pytest.mark.needs("flows.invite_cancel_path", "way to cancel invitations")
needs_resending = pytest.mark.needs("flows.invite_resend_path", "way to send invitations again")


@pytest.fixture
def invitations(client_as: ClientAs, make_client: MakeClient, mailbox: Mailbox) -> Invitations:
    return Invitations(client_as, make_client, mailbox)


@pytest.fixture
async def sent(invitations: Invitations) -> Invitation:
    """An invitation that was mailed."""
    invitation = await invitations.send()
    assert_status(invitation.response, FLOWS.invite_status)
    return invitation


async def test_an_invitation_is_accepted_once(sent: Invitation) -> None:
    token = sent.token
    assert_status(await sent.accept(token), FLOWS.invite_accept_status)
    assert_status(await sent.accept(token), status_of("invite_again"))


async def test_an_invitation_is_good_for_a_while(sent: Invitation) -> None:
    token = sent.token
    with time_machine.travel(now() + timedelta(minutes=FLOWS.invite_minutes, seconds=1)):
        assert_status(await sent.accept(token), status_of("invite_late"))


async def test_an_invitation_is_good_until_then(sent: Invitation) -> None:
    token = sent.token
    with time_machine.travel(now() + timedelta(minutes=FLOWS.invite_minutes, seconds=-10)):
        assert_status(await sent.accept(token), FLOWS.invite_accept_status)


async def test_an_invitation_cannot_be_guessed(sent: Invitation) -> None:
    token = sent.token
    changed = ("A" if token[0] != "A" else "B") + token[1:]
    assert_status(await sent.accept(changed), status_of("invite_guessed"))


async def test_what_the_mail_says_is_in_no_answer(sent: Invitation) -> None:
    assert sent.token not in sent.response.text


@needs_cancelling
async def test_a_cancelled_invitation_is_not_accepted(sent: Invitation) -> None:
    token = sent.token
    assert_status(await sent.cancel(), FLOWS.invite_cancel_status)
    assert_status(await sent.accept(token), status_of("invite_cancelled"))


@needs_resending
async def test_an_invitation_that_is_sent_again_is_accepted(sent: Invitation) -> None:
    before = len(sent.of.mailbox.to(sent.account.email))
    assert_status(await sent.resend(), FLOWS.invite_resend_status)
    assert len(sent.of.mailbox.to(sent.account.email)) == before + 1
    assert_status(await sent.accept(), FLOWS.invite_accept_status)


async def test_nobody_invites_without_a_login(
    invitations: Invitations, make_client: MakeClient
) -> None:
    invitation = await invitations.send(client=make_client())
    assert_status(invitation.response, AUTH.no_token_status)
    assert not invitation.was_mailed


@pytest.mark.needs("flows.invite_role", "role of who may invite")
async def test_who_has_not_the_role_invites_nobody(
    invitations: Invitations,
) -> None:
    invitation = await invitations.send(await user_factory().create_async())
    assert_status(invitation.response, FLOWS.invite_forbidden_status)
    assert not invitation.was_mailed
