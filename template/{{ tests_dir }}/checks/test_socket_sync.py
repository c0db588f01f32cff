# mypy: ignore-errors
"""Checks that the socket opens to a valid credential and to nothing else."""

from __future__ import annotations

import pytest
from test_harness.auth.flows.steps_sync import log_out, open_session
from test_harness.auth.refusals import kinds
from test_harness.auth.sockets.opening import SocketClosed
from test_harness.auth.styles import Credential, style
from test_harness.factories.base import user_factory
from test_harness.fixtures.login_sync import CredentialOf, MakeClient
from test_harness.fixtures.socket_sync import OpenSocket
from test_harness.settings import settings

pytestmark = [pytest.mark.api, pytest.mark.security]

FLOWS = settings().flows


def first_message(open_socket: OpenSocket, credential: Credential) -> object:
    with open_socket(credential) as socket:
        return socket.receive()


def assert_refused(open_socket: OpenSocket, credential: Credential) -> None:
    """See that a socket is closed before it says anything."""
    with pytest.raises(SocketClosed) as closed:
        first_message(open_socket, credential)
    assert closed.value.code == FLOWS.socket_refused_code, str(closed.value)


def test_a_user_opens_the_socket(open_socket: OpenSocket, credential_of: CredentialOf) -> None:
    with open_socket(credential_of(user_factory().create())):
        pass


def test_a_user_may_come_back(open_socket: OpenSocket, credential_of: CredentialOf) -> None:
    credential = credential_of(user_factory().create())
    for _ in range(2):
        with open_socket(credential), open_socket(credential):
            pass


@pytest.mark.parametrize("kind", kinds())
def test_what_has_to_be_refused_does_not_open_the_socket(
    open_socket: OpenSocket,
    credential_of: CredentialOf,
    refused_credential: CredentialOf,
    kind: str,
) -> None:
    user = user_factory().create()
    assert_refused(open_socket, refused_credential(kind, user))
    with open_socket(credential_of(user)):
        pass


@pytest.mark.parametrize("token", ["x", "a.b.c", "null"])
def test_a_malformed_token_does_not_open_the_socket(
    open_socket: OpenSocket, credential_of: CredentialOf, token: str
) -> None:
    credential = credential_of(user_factory().create())
    assert_refused(open_socket, style().with_token(credential, token))


@pytest.mark.needs("flows.logout_path", "logout")
@pytest.mark.skipif(
    FLOWS.logout_reuse == "accepted",
    reason="a logout has the client alone forget what it showed (flows.logout_reuse)",
)
def test_who_logged_out_does_not_open_the_socket(
    open_socket: OpenSocket, make_client: MakeClient
) -> None:
    credential, login = open_session(make_client, user_factory().create())
    response = log_out(make_client, credential, login)
    assert response.status_code == FLOWS.logout_status, response.text
    assert_refused(open_socket, credential)
