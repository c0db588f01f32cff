"""How clients on the application are made, whichever way it is spoken to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import httpx2

from harness.settings import settings

Client = TypeVar("Client", httpx2.Client, httpx2.AsyncClient)


def client_maker(kind: type[Client], transport: Any) -> Callable[..., Client]:
    """Return a function that makes clients, each with headers and cookies of its own.

    Args:
        kind: The class of the clients.
        transport: How a request reaches the application; clients share it.
    """

    def make(headers: dict[str, str] | None = None) -> Client:
        base_url = settings().application.base_url
        return kind(transport=transport, base_url=base_url, headers=headers)

    return make
