"""What an application has against too many, forged or misdirected requests.

Tests ask more often than people do, send forms without the page they belong to, and call the
application `localhost`. So it is all switched off, but for the tests that ask for it by a fixture.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from test_harness.application.loading import application
from test_harness.living import living

# How applications call what counts requests by itself, with no library that is known here.
_LIMITS = re.compile(r"(?i)(rate|request)s?_?limit|throttl")

CSRF, RATE_LIMITS, TRUSTED_HOSTS = "csrf", "rate_limits", "trusted_hosts"


@dataclass
class Switch:
    """One protection of one kind, how it is switched off, and how it forgets what it counted."""

    kind: str
    holder: Any
    name: str
    off: Any
    forget: Callable[[], Any] = lambda: None

    def __post_init__(self) -> None:
        self.on = self._read()

    def set(self, value: Any) -> None:
        """Set it to `on` or `off`."""
        if isinstance(self.holder, dict):
            self.holder[self.name] = value
        else:
            setattr(self.holder, self.name, value)

    def _read(self) -> Any:
        if isinstance(self.holder, dict):
            return self.holder.get(self.name, True)
        return getattr(self.holder, self.name)


class Protections:
    """The protections of an application, as far as they can be switched.

    Args:
        app: The application, after its start-up.
    """

    def __init__(self, app: Any) -> None:
        self._switches = list(_switches(app))
        self._on: set[str] = set()

    def switch_off(self) -> None:
        """Switch all of them off."""
        for switch in self._switches:
            switch.set(switch.off)

    def is_off(self, kind: str) -> bool:
        """Tell whether the application has protections of a kind, and all of them are off."""
        return kind not in self._on and any(switch.kind == kind for switch in self._switches)

    @contextmanager
    def switched_on(self, kind: str) -> Iterator[bool]:
        """Within the block those of a kind are as the application has them.

        Yields:
            Whether there are any.
        """
        switches = [switch for switch in self._switches if switch.kind == kind]
        for switch in switches:
            switch.set(switch.on)
            # Only here: what counts may be a service, which other tests need not reach.
            switch.forget()
        self._on.add(kind)
        try:
            yield bool(switches)
        finally:
            self._on.discard(kind)
            for switch in switches:
                switch.set(switch.off)


@cache
def protections() -> Protections:
    """Return those of the application under test, which has to have started."""
    return Protections(application())


def _switches(app: Any) -> Iterator[Switch]:
    yield from _limiters()
    if "flask_wtf" in sys.modules and hasattr(app, "wsgi_app"):
        yield Switch(CSRF, app.config, "WTF_CSRF_ENABLED", off=False)
    for middleware in _middleware(app):
        kind = type(middleware).__name__
        if kind == "TrustedHostMiddleware":
            yield Switch(TRUSTED_HOSTS, middleware, "allow_any", off=True)
        elif kind == "CSRFProtectMiddleware" and hasattr(middleware, "csrf_config"):
            yield Switch(CSRF, middleware.csrf_config, "enabled", off=False)
        elif kind == "CSRFMiddleware" and hasattr(middleware, "scopes"):
            yield Switch(CSRF, middleware, "scopes", off=frozenset())
        elif kind == "AllowedHostsMiddleware":
            yield Switch(TRUSTED_HOSTS, middleware, "allowed_hosts_regex", off=None)
        elif kind == "RateLimitMiddleware" and hasattr(middleware, "check_throttle_handler"):
            forget = _with_new_store(app, middleware.config.store)
            yield Switch(RATE_LIMITS, middleware, "check_throttle_handler", _never, forget)
        elif _counts_requests(middleware):
            yield Switch(RATE_LIMITS, middleware, "dispatch_func", off=_passed_on)


def _counts_requests(middleware: Any) -> bool:
    """Tell whether a middleware of Starlette's base class, or its function, is called so."""
    dispatch = getattr(middleware, "dispatch_func", None)
    names = f"{type(middleware).__name__} {getattr(dispatch, '__qualname__', '')}"
    return dispatch is not None and bool(_LIMITS.search(names))


async def _passed_on(request: Any, call_next: Callable[[Any], Awaitable[Any]]) -> Any:
    return await call_next(request)


def _limiters() -> Iterator[Switch]:
    """Return what counts requests, wherever the application keeps it: a route may have its own."""
    kinds = [sys.modules[module].Limiter for module in ("slowapi", "flask_limiter") if _has(module)]
    for limiter in living(*kinds) if kinds else ():
        forget = getattr(limiter, "reset", lambda: None)
        yield Switch(RATE_LIMITS, limiter, "enabled", off=False, forget=forget)
    if _has("fastapi_limiter.depends"):
        limiter = sys.modules["fastapi_limiter.depends"].RateLimiter
        if hasattr(limiter, "_check"):
            yield Switch(RATE_LIMITS, limiter, "_check", off=_none_left_to_wait)
    for module, allowed in (("limits.strategies", _allowed), ("limits.aio.strategies", _allows)):
        for strategy in vars(sys.modules[module]).values() if _has(module) else ():
            if isinstance(strategy, type) and "hit" in vars(strategy):
                yield Switch(RATE_LIMITS, strategy, "hit", off=allowed)


def _has(module: str) -> bool:
    return sys.modules.get(module) is not None


def _allowed(*_: Any, **__: Any) -> bool:
    return True


async def _allows(*_: Any, **__: Any) -> bool:
    return True


async def _none_left_to_wait(*_: Any) -> int:
    return 0


def _middleware(app: Any) -> Iterator[Any]:
    """Return what an ASGI application passes a request through, outermost first."""
    stacks = [getattr(app, "middleware_stack", None) or getattr(app, "asgi_handler", None)]
    # Litestar puts it around each route.
    routes = [getattr(getattr(app, "asgi_router", None), "root_route_map_node", None)]
    for node in filter(None, routes):
        routes += node.children.values()
        stacks += [handler.asgi_app for handler in node.asgi_handlers.values()]
    for outermost in stacks:
        found = outermost
        while found is not None:
            yield found
            found = getattr(found, "app", None) or _closed_over(found)


def _closed_over(handler: Any) -> Any:
    """Return the application behind a function that passes requests on to it, None without."""
    code, cells = getattr(handler, "__code__", None), getattr(handler, "__closure__", None)
    held = dict(zip(code.co_freevars, cells, strict=True)) if code and cells else {}
    cell = next((held[name] for name in ("app", "next_app", "asgi_app") if name in held), None)
    return cell.cell_contents if cell is not None else None


def _with_new_store(app: Any, name: str) -> Callable[[], None]:
    """Return a function that has Litestar count from none."""
    memory = importlib.import_module("litestar.stores.memory").MemoryStore

    return lambda: app.stores.register(name, memory(), allow_override=True)


async def _never(_: Any) -> bool:
    return False
