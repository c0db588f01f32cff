# mypy: ignore-errors
"""Checks that Socket.IO connects who shows a valid credential and nobody else."""

from __future__ import annotations

import logging

import pytest
from test_harness.auth.flows.steps_async import log_out, open_session
from test_harness.auth.refusals import kinds
from test_harness.auth.sockets.opening import ConnectionRefused, OpenSocketIO
from test_harness.auth.styles import Credential, style
from test_harness.factories.base import user_factory
from test_harness.fixtures.login_async import CredentialOf, MakeClient
from test_harness.settings import settings

pytestmark = [
    pytest.mark.api,
    pytest.mark.security,
    pytest.mark.needs("flows.socketio_path", "Socket.IO"),
]

FLOWS = settings().flows


async def connect(open_socketio: OpenSocketIO, credential: Credential) -> str:
    async with open_socketio(credential) as client:
        return str(client.sid)


async def assert_refused(open_socketio: OpenSocketIO, credential: Credential) -> None:
    """See that a client is told that it may not connect."""
    with pytest.raises(ConnectionRefused):
        await connect(open_socketio, credential)


async def test_a_user_connects(open_socketio: OpenSocketIO, credential_of: CredentialOf) -> None:
    credential = await credential_of(await user_factory().create_async())
    assert await connect(open_socketio, credential)


async def test_a_user_may_leave_and_come_back(
    open_socketio: OpenSocketIO, credential_of: CredentialOf, caplog: pytest.LogCaptureFixture
) -> None:
    credential = await credential_of(await user_factory().create_async())
    for _ in range(2):
        async with open_socketio(credential) as first, open_socketio(credential) as second:
            assert first.sid != second.sid
    # A handler that fails when a client leaves is logged, and nobody is told.
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("kind", kinds())
async def test_what_has_to_be_refused_does_not_connect(
    open_socketio: OpenSocketIO,
    credential_of: CredentialOf,
    refused_credential: CredentialOf,
    kind: str,
) -> None:
    user = await user_factory().create_async()
    await assert_refused(open_socketio, await refused_credential(kind, user))
    assert await connect(open_socketio, await credential_of(user))


@pytest.mark.parametrize("token", ["x", "a.b.c", "null"])
async def test_a_malformed_token_does_not_connect(
    open_socketio: OpenSocketIO, credential_of: CredentialOf, token: str
) -> None:
    credential = await credential_of(await user_factory().create_async())
    await assert_refused(open_socketio, style().with_token(credential, token))


@pytest.mark.needs("flows.logout_path", "logout")
@pytest.mark.skipif(
    FLOWS.logout_reuse == "accepted",
    reason="a logout has the client alone forget what it showed (flows.logout_reuse)",
)
async def test_who_logged_out_does_not_connect(
    open_socketio: OpenSocketIO, make_client: MakeClient
) -> None:
    credential, login = await open_session(make_client, await user_factory().create_async())
    response = await log_out(make_client, credential, login)
    assert response.status_code == FLOWS.logout_status, response.text
    await assert_refused(open_socketio, credential)
