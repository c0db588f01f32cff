"""How clients on the application are made, whichever way it is spoken to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, TypeVar
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import httpx2
from sqlalchemy import inspect

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

_names: WeakKeyDictionary[Any, str] = WeakKeyDictionary()


def client_of(client: Client, user: Any) -> Client:
    """Remember whose client it is, and return it.

    Args:
        client: The client.
        user: The row of the user.
    """
    _names[client] = _said_of(user)
    return client


def _said_of(user: Any) -> str:
    key = getattr(inspect(user, raiseerr=False), "identity", None) or ()
    return " ".join([type(user).__name__, *map(str, key)])


def name_of(client: Any) -> str:
    """Return what to call who asks by a client: `User 3`, `anonymous`, or `the client`."""
    name = _names.get(client, "the client")
    has_come_in = name == "anonymous" and (client.cookies or "authorization" in client.headers)
    return "the client" if has_come_in else name


def client_maker(kind: type[Client], transport: Any) -> Callable[..., Client]:
    """Return a function that makes clients, each with headers and cookies of its own.

    Args:
        kind: The class of the clients.
        transport: How a request reaches the application; clients share it.
    """

    def make(credential: Credential = ANONYMOUS) -> Client:
        configured = settings().application
        base_url = configured.base_url
        client = kind(
            transport=transport,
            base_url=base_url,
            follow_redirects=configured.follow_redirects,
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
        if credential == ANONYMOUS:
            _names[client] = "anonymous"
        return client

    return make


def _jar() -> CookieJar:
    # Browsers trust localhost with cookies that are meant for https.
    return CookieJar(DefaultCookiePolicy(secure_protocols=("http", "https", "ws", "wss")))
