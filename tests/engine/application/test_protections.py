"""Protections are found behind whatever stands in front of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from test_harness.application.protections import TRUSTED_HOSTS, Protections

Asgi = Callable[[Any, Any, Any], Awaitable[None]]


def plain(app: Asgi) -> Asgi:
    """A middleware that is a function, as those of Litestar's base class are."""
    seen: list[str] = []

    async def middleware(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])
        await app(scope, receive, send)

    return middleware


@pytest.mark.parametrize("in_front", [[], [Middleware(plain)], [Middleware(plain)] * 2])
def test_a_protection_behind_functions_is_switched(in_front: list[Middleware]) -> None:
    hosts = Middleware(TrustedHostMiddleware, allowed_hosts=["shop.example"])
    app = Starlette(middleware=[*in_front, hosts])
    app.middleware_stack = app.build_middleware_stack()
    protections = Protections(app)
    protections.switch_off()
    assert protections.is_off(TRUSTED_HOSTS)
    with protections.switched_on(TRUSTED_HOSTS) as any_there:
        assert any_there
