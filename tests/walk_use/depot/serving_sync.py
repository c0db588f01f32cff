"""Clients on an ASGI application whose routes run in threads."""

from typing import Any

import httpx2

from test_harness.application.clients import client_maker
from test_harness.application.transport import LoopTransport


def clients_of(app: Any, request: Any) -> Any:
    loop = request.getfixturevalue("loop_of_app")
    return client_maker(httpx2.Client, LoopTransport(app, loop))
