"""Protections are found behind whatever stands in front of them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from test_harness.application.protections import RATE_LIMITS, TRUSTED_HOSTS, Protections

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


class RateLimitingMiddleware(BaseHTTPMiddleware):
    """Refuses all, as if too many had asked before."""

    async def dispatch(self, request: Request, call_next: Any) -> Response:
        return Response("too many", 429)


async def throttle(request: Request, call_next: Any) -> Response:
    return Response("too many", 429)


class LimitedSizeMiddleware(BaseHTTPMiddleware):
    """Refuses all, as if all were too large."""

    async def dispatch(self, request: Request, call_next: Any) -> Response:
        return Response("too large", 413)


@pytest.mark.parametrize(
    ("middleware", "on", "off"),
    [
        (Middleware(RateLimitingMiddleware), 429, 200),
        (Middleware(BaseHTTPMiddleware, dispatch=throttle), 429, 200),
        (Middleware(LimitedSizeMiddleware), 413, 413),
    ],
)
def test_a_middleware_that_is_called_after_limits_counts_nothing(
    middleware: Middleware, on: int, off: int
) -> None:
    app = Starlette(routes=[Route("/", lambda _: Response())], middleware=[middleware])
    app.middleware_stack = app.build_middleware_stack()

    def status() -> int:
        async def ask() -> int:
            transport = httpx2.ASGITransport(app=app)
            async with httpx2.AsyncClient(transport=transport, base_url="http://shop") as client:
                return (await client.get("/")).status_code

        return asyncio.run(ask())

    protections = Protections(app)
    protections.switch_off()
    assert status() == off
    with protections.switched_on(RATE_LIMITS):
        assert status() == on
    assert status() == off


@pytest.mark.parametrize("module", ["limits.strategies", "limits.aio.strategies"])
def test_an_application_that_counts_by_itself(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    """As with the package `limits`, of which an application asks whether a request fits."""

    class Plain:
        def hit(self, item: str) -> bool:
            return False

    class Waiting:
        async def hit(self, item: str) -> bool:
            return False

    strategies = ModuleType(module)
    kind = Waiting if "aio" in module else Plain
    strategies.__dict__["FixedWindowRateLimiter"] = kind
    monkeypatch.setitem(sys.modules, module, strategies)

    def fits() -> bool:
        answer: Any = kind().hit("1/hour")
        return bool(asyncio.run(answer) if asyncio.iscoroutine(answer) else answer)

    protections = Protections(Starlette())
    protections.switch_off()
    assert protections.is_off(RATE_LIMITS)
    assert fits()
    with protections.switched_on(RATE_LIMITS):
        assert not fits()
