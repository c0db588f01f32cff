"""How clients on the application are made, whichever way it is spoken to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx2

from test_harness.settings import settings

Client = TypeVar("Client", httpx2.Client, httpx2.AsyncClient)


@dataclass(frozen=True)
class Credential:
    """What a client shows of itself.

    Args:
        headers: Sent with every request.
        cookies: Sent with every request that their path allows.
        parameters: Of the query of every request.
        paths: Of those cookies that are not for the whole application.
    """

    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)


ANONYMOUS = Credential()


def client_maker(kind: type[Client], transport: Any) -> Callable[..., Client]:
    """Return a function that makes clients, each with headers and cookies of its own.

    Args:
        kind: The class of the clients.
        transport: How a request reaches the application; clients share it.
    """

    def make(credential: Credential = ANONYMOUS) -> Client:
        base_url = settings().application.base_url
        client = kind(
            transport=transport,
            base_url=base_url,
            headers=credential.headers,
            params=credential.parameters,
            cookies=_jar(),
        )
        host = urlsplit(base_url).hostname or ""
        # The name that a cookie jar gives to a host without a dot; under another one, a cookie
        # that the application replaces or deletes would be sent along with the old one.
        domain = host if "." in host else f"{host}.local"
        for name, value in credential.cookies.items():
            client.cookies.set(name, value, domain=domain, path=credential.paths.get(name, "/"))
        return client

    return make


def _jar() -> CookieJar:
    # Browsers trust localhost with cookies that are meant for https.
    return CookieJar(DefaultCookiePolicy(secure_protocols=("http", "https", "ws", "wss")))
