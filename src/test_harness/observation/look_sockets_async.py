"""Looks at the socket: what it is closed with where a credential is refused."""

from __future__ import annotations

from collections import Counter

import pytest

from test_harness.auth.refusals import kinds
from test_harness.auth.sockets.opening import SocketClosed
from test_harness.auth.styles import Credential
from test_harness.factories.base import user_factory
from test_harness.fixtures.login_async import CredentialOf
from test_harness.fixtures.socket_async import OpenSocket
from test_harness.observation.notebook import Notebook
from test_harness.settings import settings


async def test_refusals(
    open_socket: OpenSocket,
    credential_of: CredentialOf,
    refused_credential: CredentialOf,
    notebook: Notebook,
) -> None:
    if not notebook.knows_the_login:
        pytest.skip("how a user gets in was not seen")
    user = await user_factory().create_async()
    async with open_socket(await credential_of(user)):
        pass
    codes = [
        await closed_with(open_socket, await refused_credential(kind, user)) for kind in kinds()
    ]
    code, _ = Counter(codes).most_common(1)[0]
    if code:
        what = f"{settings().flows.socket_path} closes with {code} to most that is refused"
        notebook.saw("flows.socket_refused_code", code, what)


async def closed_with(open_socket: OpenSocket, credential: Credential) -> int:
    """Return what a socket is closed with before it says anything; 0 where it says something."""
    try:
        async with open_socket(credential) as socket:
            await socket.receive()
    except SocketClosed as closed:
        return closed.code
    return 0
