"""Invitations, as `[flows]` has them: who sends them, who is sent one, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from test_harness.auth.answers import identity_in
from test_harness.auth.flows.account import Account, request
from test_harness.auth.roles import user_in_role
from test_harness.doubles.mail import Mailbox
from test_harness.factories.base import user_factory
from test_harness.settings import settings

ClientAs = Callable[..., httpx2.Client]
MakeClient = Callable[..., httpx2.Client]


@dataclass
class Invitations:
    """Sends invitations and does with them what somebody might.

    Args:
        client_as: Gives the client of a user.
        make_client: Makes a client of nobody.
        mailbox: What was mailed.
    """

    client_as: ClientAs
    make_client: MakeClient
    mailbox: Mailbox

    def send(self, user: Any = None, client: httpx2.Client | None = None) -> Invitation:
        """Invite somebody who has no account.

        Args:
            user: Who invites; a new user who may if nobody is given.
            client: What is asked with; a client of that user if none is given.
        """
        user = user or self._inviter()
        client = client or self.client_as(user)
        account = Account.new()
        response = client.request(**request("invite", account, user=user))
        return Invitation(self, user, client, account, response)

    def _inviter(self) -> Any:
        role = settings().flows.invite_role
        return user_in_role(role, {}) if role else user_factory().create()


@dataclass
class Invitation:
    """One that was sent, or refused.

    Args:
        of: What sends them.
        user: Who invited.
        client: What that was asked with.
        account: Who is invited.
        response: The answer to whoever invited.
    """

    of: Invitations
    user: Any
    client: httpx2.Client
    account: Account
    response: Any
    _invited: Any = None

    @property
    def was_mailed(self) -> bool:
        """Whether whoever is invited has a mail."""
        return bool(self.of.mailbox.to(self.account.email))

    @property
    def token(self) -> str:
        """What the newest mail shows of the invitation."""
        return self.of.mailbox.token_for(self.account.email)

    def accept(self, token: str = "") -> httpx2.Response:
        """Accept it: as nobody who takes a password with it, or as the user of its address.

        Args:
            token: What is shown; that of the newest mail if none is given.
        """
        token = token or self.token
        client = self.of.make_client()
        if "$password" not in settings().flows.invite_accept_payload:
            if self._invited is None:  # Once: no second user has that address.
                name = settings().auth.user_login_attribute
                login = {name: self.account.login}
                self._invited = user_factory().create(**login)
            client = self.of.client_as(self._invited)
        return client.request(**request("invite_accept", self.account, token))

    def resend(self) -> httpx2.Response:
        """Have whoever invited send it again."""
        return self._about("invite_resend")

    def cancel(self) -> httpx2.Response:
        """Have whoever invited take it back."""
        return self._about("invite_cancel")

    def _about(self, step: str) -> httpx2.Response:
        name = settings().flows.invite_id_field
        key = identity_in(self.response, name)
        if not key:
            pytest.fail(
                f"{self.response.request.method} {self.response.request.url.path} answers no "
                f"{name!r}; correct invite_id_field of [flows] in harness.toml"
            )
        sent = request(step, self.account, user=self.user, invitation=key)
        return self.client.request(**sent)
