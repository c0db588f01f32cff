"""Clients on a WSGI application."""

from typing import Any

import httpx2

from test_harness.application.clients import client_maker
from test_harness.application.exchanges import noted_wsgi


def clients_of(app: Any, request: Any) -> Any:
    app.testing = True
    return client_maker(httpx2.Client, httpx2.WSGITransport(app=noted_wsgi(app)))
