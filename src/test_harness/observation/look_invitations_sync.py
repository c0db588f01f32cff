"""Looks at invitations: how they are sent and accepted, and how those are refused that are over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from test_harness.auth.flows.invitations_sync import ClientAs, Invitation, Invitations, MakeClient
from test_harness.clock import now
from test_harness.observation.answers import is_answer, refuses, went_well
from test_harness.observation.notebook import Notebook
from test_harness.observation.tries_sync import mended_step, tried
from test_harness.settings import settings

# How long an invitation may be good, in minutes: an hour, then days.
MINUTES = (60, 1440, 2880, 4320, 10_080, 20_160, 43_200)


@pytest.fixture
def invitations(
    request: pytest.FixtureRequest,
    notebook: Notebook,
    client_as: ClientAs,
    make_client: MakeClient,
) -> Invitations:
    """What sends invitations, where a double takes their mails."""
    if "mail" not in settings().application.doubles.split() or not notebook.knows_the_login:
        pytest.skip("how a user gets in, or what is mailed, is not seen")
    mailbox = request.getfixturevalue("mailbox")
    return Invitations(client_as, make_client, mailbox)


def sent_by(invitations: Invitations) -> Invitation | None:
    """Return an invitation that was mailed with a token, None where none is."""
    invitation = tried(invitations.send)
    if invitation is None or not went_well(invitation.response) or not invitation.was_mailed:
        return None
    return invitation if invitation.token else None


def test_who_invites(notebook: Notebook, invitations: Invitations) -> None:
    auth, flows = settings().auth, settings().flows
    if flows.invite_role or not (auth.role_attribute and auth.admin_role):
        return
    refused = tried(answer_to_one, invitations)
    if refused is None or not refuses(refused):
        return
    with notebook.trying({"flows.invite_role": auth.admin_role}):
        invited = tried(answer_to_one, invitations)
    # What was sent may have been wrong as well: then both are refused alike.
    if invited is not None and invited.status_code != refused.status_code:
        what = "an address, from a user of no role"
        notebook.saw("flows.invite_role", auth.admin_role, what, refused)
        notebook.saw("flows.invite_forbidden_status", refused.status_code, what, refused)


def test_invitations(notebook: Notebook, invitations: Invitations) -> None:
    _, payload = mended_step(notebook, "invite", answer_to_one, invitations)
    with notebook.trying({"flows.invite_payload": payload}):
        first = sent_by(invitations)
        token = first.token if first else ""
        accepted = tried(first.accept, token) if first else None
    if first is None or accepted is None or not went_well(accepted):
        # What it wants besides, an event or a plan perhaps, cannot be known.
        what = "no invitation was seen to be mailed and accepted"
        notebook.saw("flows.invite_path", "", what)
        return
    said = first.response
    notebook.saw("flows.invite_payload", payload, "what it said was missing", said)
    notebook.saw("flows.invite_status", said.status_code, "somebody's address", said)
    notebook.saw("flows.invite_accept_status", accepted.status_code, "an invitation", accepted)
    again = tried(first.accept, token)
    guessed = with_a_changed_token(invitations)
    answers = {"invite_again": again, "invite_guessed": guessed}
    if settings().flows.invite_cancel_path:
        answers["invite_cancelled"] = after_cancelling(notebook, invitations)
    if settings().flows.invite_resend_path and (other := sent_by(invitations)):
        resent = tried(other.resend)
        if went_well(resent):
            notebook.saw("flows.invite_resend_status", resent.status_code, "an invitation", resent)
    notebook.saw_refusals(
        {name: one if is_answer(one) and refuses(one) else None for name, one in answers.items()}
    )


def test_late_invitations(notebook: Notebook, invitations: Invitations) -> None:
    if "flows.invite_accept_status" not in notebook:
        return
    for minutes in (settings().flows.invite_minutes, *MINUTES):
        late = after(invitations, minutes * 60 + 1)
        if not refuses(late) or not went_well(after(invitations, minutes * 60 - 10)):
            continue
        what = f"one that is {minutes} minutes old"
        notebook.saw("flows.invite_minutes", minutes, what, late)
        notebook.saw_alone("invite_late", late)
        return


def answer_to_one(invitations: Invitations) -> Any:
    """Return what the application answers to whoever invites."""
    return (invitations.send()).response


def with_a_changed_token(invitations: Invitations) -> Any:
    """Return the answer to an invitation that was guessed."""
    invitation = sent_by(invitations)
    if invitation is None:
        return None
    token = invitation.token
    return tried(invitation.accept, f"{'B' if token[0] == 'A' else 'A'}{token[1:]}")


def after_cancelling(notebook: Notebook, invitations: Invitations) -> Any:
    """Return the answer to an invitation that was cancelled, and note how that is answered."""
    invitation = sent_by(invitations)
    if invitation is None:
        return None
    token = invitation.token
    done = tried(invitation.cancel)
    if not went_well(done):
        return None
    notebook.saw("flows.invite_cancel_status", done.status_code, "an invitation", done)
    return tried(invitation.accept, token)


def after(invitations: Invitations, seconds: int) -> Any:
    """Return the answer to an invitation of a while ago."""
    invitation = sent_by(invitations)
    if invitation is None:
        return None
    token = invitation.token
    with time_machine.travel(now() + timedelta(seconds=seconds)):
        return tried(invitation.accept, token)
