"""Clients on an ASGI application in the event loop of the tests."""

from typing import Any

import httpx2

from test_harness.application.clients import client_maker
from test_harness.application.lifespan import served


def clients_of(app: Any, request: Any) -> Any:
    return client_maker(httpx2.AsyncClient, httpx2.ASGITransport(app=served(app)))
