# mypy: ignore-errors
"""Checks that the socket opens to a valid credential and to nothing else."""

from __future__ import annotations

import pytest
from test_harness.auth.flows.steps_async import log_out, open_session
from test_harness.auth.refusals import kinds
from test_harness.auth.sockets.opening import SocketClosed
from test_harness.auth.styles import Credential, style
from test_harness.factories.base import user_factory
from test_harness.fixtures.login_async import CredentialOf, MakeClient
from test_harness.fixtures.socket_async import OpenSocket
from test_harness.settings import settings

pytestmark = [pytest.mark.api, pytest.mark.security]

FLOWS = settings().flows


async def first_message(open_socket: OpenSocket, credential: Credential) -> object:
    async with open_socket(credential) as socket:
        return await socket.receive()


async def assert_refused(open_socket: OpenSocket, credential: Credential) -> None:
    """See that a socket is closed before it says anything."""
    with pytest.raises(SocketClosed) as closed:
        await first_message(open_socket, credential)
    assert closed.value.code == FLOWS.socket_refused_code, str(closed.value)


async def test_a_user_opens_the_socket(
    open_socket: OpenSocket, credential_of: CredentialOf
) -> None:
    async with open_socket(await credential_of(await user_factory().create_async())):
        pass


async def test_a_user_may_come_back(open_socket: OpenSocket, credential_of: CredentialOf) -> None:
    credential = await credential_of(await user_factory().create_async())
    for _ in range(2):
        async with open_socket(credential), open_socket(credential):
            pass


@pytest.mark.parametrize("kind", kinds())
async def test_what_has_to_be_refused_does_not_open_the_socket(
    open_socket: OpenSocket,
    credential_of: CredentialOf,
    refused_credential: CredentialOf,
    kind: str,
) -> None:
    user = await user_factory().create_async()
    await assert_refused(open_socket, await refused_credential(kind, user))
    async with open_socket(await credential_of(user)):
        pass


@pytest.mark.parametrize("token", ["x", "a.b.c", "null"])
async def test_a_malformed_token_does_not_open_the_socket(
    open_socket: OpenSocket, credential_of: CredentialOf, token: str
) -> None:
    credential = await credential_of(await user_factory().create_async())
    await assert_refused(open_socket, style().with_token(credential, token))


@pytest.mark.needs("flows.logout_path", "logout")
@pytest.mark.skipif(
    FLOWS.logout_reuse == "accepted",
    reason="a logout has the client alone forget what it showed (flows.logout_reuse)",
)
async def test_who_logged_out_does_not_open_the_socket(
    open_socket: OpenSocket, make_client: MakeClient
) -> None:
    credential, login = await open_session(make_client, await user_factory().create_async())
    response = await log_out(make_client, credential, login)
    assert response.status_code == FLOWS.logout_status, response.text
    await assert_refused(open_socket, credential)
