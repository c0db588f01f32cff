# mypy: ignore-errors
"""Checks that Socket.IO connects who shows a valid credential and nobody else."""

from __future__ import annotations

import logging

import pytest
from test_harness.auth.flows.steps_sync import log_out, open_session
from test_harness.auth.refusals import kinds
from test_harness.auth.sockets.opening import ConnectionRefused, OpenSocketIO
from test_harness.auth.styles import Credential, style
from test_harness.factories.base import user_factory
from test_harness.fixtures.login_sync import CredentialOf, MakeClient
from test_harness.settings import settings

pytestmark = [
    pytest.mark.api,
    pytest.mark.security,
    pytest.mark.needs("flows.socketio_path", "Socket.IO"),
]

FLOWS = settings().flows


def connect(open_socketio: OpenSocketIO, credential: Credential) -> str:
    with open_socketio(credential) as client:
        return str(client.sid)


def assert_refused(open_socketio: OpenSocketIO, credential: Credential) -> None:
    """See that a client is told that it may not connect."""
    with pytest.raises(ConnectionRefused):
        connect(open_socketio, credential)


def test_a_user_connects(open_socketio: OpenSocketIO, credential_of: CredentialOf) -> None:
    credential = credential_of(user_factory().create())
    assert connect(open_socketio, credential)


def test_a_user_may_leave_and_come_back(
    open_socketio: OpenSocketIO, credential_of: CredentialOf, caplog: pytest.LogCaptureFixture
) -> None:
    credential = credential_of(user_factory().create())
    for _ in range(2):
        with open_socketio(credential) as first, open_socketio(credential) as second:
            assert first.sid != second.sid
    # A handler that fails when a client leaves is logged, and nobody is told.
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("kind", kinds())
def test_what_has_to_be_refused_does_not_connect(
    open_socketio: OpenSocketIO,
    credential_of: CredentialOf,
    refused_credential: CredentialOf,
    kind: str,
) -> None:
    user = user_factory().create()
    assert_refused(open_socketio, refused_credential(kind, user))
    assert connect(open_socketio, credential_of(user))


@pytest.mark.parametrize("token", ["x", "a.b.c", "null"])
def test_a_malformed_token_does_not_connect(
    open_socketio: OpenSocketIO, credential_of: CredentialOf, token: str
) -> None:
    credential = credential_of(user_factory().create())
    assert_refused(open_socketio, style().with_token(credential, token))


@pytest.mark.needs("flows.logout_path", "logout")
@pytest.mark.skipif(
    FLOWS.logout_reuse == "accepted",
    reason="a logout has the client alone forget what it showed (flows.logout_reuse)",
)
def test_who_logged_out_does_not_connect(
    open_socketio: OpenSocketIO, make_client: MakeClient
) -> None:
    credential, login = open_session(make_client, user_factory().create())
    response = log_out(make_client, credential, login)
    assert response.status_code == FLOWS.logout_status, response.text
    assert_refused(open_socketio, credential)
