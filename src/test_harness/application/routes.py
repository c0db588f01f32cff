"""The routes of the running application, whichever framework it is written in."""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from test_harness.lock.callers import defined_at

# What stands around an application and holds it: middleware, and what serves Socket.IO beside it.
_INSIDE = ("app", "other_asgi_app", "asgi_app", "wsgi_app", "_app")
_PARAMETER = re.compile(r"\{(\w*)[^}]*\}|<(?:[^:>]*:)?(\w+)>")


@dataclass(frozen=True)
class Route:
    """One method of one path.

    Args:
        method: Such as `GET`, or `WEBSOCKET`.
        path: With `{name}` for each parameter.
        endpoint: What answers; None where the framework does not tell.
        definition: What the framework itself has for the route.
        owner: The application that it is a route of, which may be mounted in another.
        mounted_at: The path that the owner is mounted at; empty for the application itself.
        host: The only host or subdomain that it answers at; empty for any.
    """

    method: str
    path: str
    endpoint: Callable[..., Any] | None = None
    definition: Any = field(default=None, compare=False, repr=False)
    owner: Any = field(default=None, compare=False, repr=False)
    mounted_at: str = field(default="", compare=False, repr=False)
    host: str = field(default="", compare=False, repr=False)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of what stands in the path."""
        return tuple(re.findall(r"\{(\w*)\}", self.path))

    @property
    def where(self) -> str:
        """`file:line` of what answers; empty if unknown."""
        return defined_at(self.endpoint) if self.endpoint else ""

    def answers(self, method: str, path: str) -> bool:
        """Tell whether a request comes here.

        Args:
            method: Of the request.
            path: Of the request, without its query.
        """
        pattern = re.sub(r"\\\{\w*\\\}", "[^/]+", re.escape(self.path))
        return method == self.method and bool(re.fullmatch(pattern, path))


def routes_of(app: Any) -> list[Route]:
    """Return the routes of an application, after its start-up.

    Args:
        app: One of FastAPI, Starlette, Litestar or Flask, or what is wrapped around one.
    """
    found = list(_inside(app))
    return list(dict.fromkeys(found))


def route_for(routes: list[Route], method: str, path: str) -> Route | None:
    """Return the route that a request comes to: the one with the fewest parameters.

    Args:
        routes: All of the application.
        method: Of the request.
        path: Of the request; a query and a host are passed over.
    """
    plain = path.partition("?")[0]
    fitting = [one for one in routes if one.answers(method, plain)]
    return min(fitting, key=lambda one: len(one.parameters), default=None)


def _inside(app: Any) -> Iterator[Route]:
    seen: list[Any] = []
    while app is not None and not any(app is one for one in seen):
        seen.append(app)
        if hasattr(app, "url_map"):
            yield from (replace(one, owner=app) for one in _of_flask(app))
        elif hasattr(app, "asgi_router"):
            yield from (replace(one, owner=app) for one in _of_litestar(app.routes))
        elif isinstance(getattr(app, "routes", None), list):
            for one in _of_starlette(app.routes, ""):
                yield one if one.owner else replace(one, owner=app)
        else:
            app = next((held for name in _INSIDE if (held := getattr(app, name, None))), None)
            continue
        return


def _of_starlette(routes: Any, above: str) -> Iterator[Route]:
    """Yield the routes of Starlette and FastAPI, and those of what is mounted among them."""
    for route in _flat(routes):
        path = above + _named(getattr(route, "path", "") or "")
        endpoint = getattr(route, "endpoint", None)
        if endpoint is None:
            host = getattr(route, "host", "")
            for found in _inside(getattr(route, "app", None)):
                yield replace(
                    found,
                    path=path + found.path,
                    mounted_at=path + found.mounted_at,
                    host=found.host or host,
                )
        elif "WebSocket" in type(getattr(route, "original_route", route)).__name__:
            yield Route("WEBSOCKET", path, function_behind(endpoint), route)
        else:
            for method in sorted(getattr(route, "methods", None) or _methods_of(endpoint)):
                yield Route(method, path, function_behind(endpoint, method), route)


def _flat(routes: Any) -> Any:
    """Return routes with those of the routers that newer FastAPI keeps apart until it is asked."""
    fastapi = sys.modules.get("fastapi.routing")
    contexts = getattr(fastapi, "iter_route_contexts", None)
    return contexts(routes) if contexts else routes


def _of_litestar(routes: Any) -> Iterator[Route]:
    for route in routes:
        handlers = getattr(route, "route_handlers", None) or [route.route_handler]
        for handler in handlers:
            function = getattr(handler.fn, "value", handler.fn)
            methods = getattr(handler, "http_methods", None) or ["WEBSOCKET"]
            for method in sorted(getattr(one, "value", str(one)) for one in methods):
                yield Route(method, _named(route.path), function_behind(function), handler)


def _of_flask(app: Any) -> Iterator[Route]:
    for rule in app.url_map.iter_rules():
        view = app.view_functions.get(rule.endpoint)
        host = getattr(rule, "host", "") or getattr(rule, "subdomain", "") or ""
        for method in sorted(rule.methods or ()):
            function = function_behind(view, method)
            yield Route(method, _named(rule.rule), function, rule, host=host)


def _named(path: str) -> str:
    """Return a path with its parameters as `{name}`, without what their types are."""
    return _PARAMETER.sub(lambda found: f"{{{found[1] or found[2] or ''}}}", path)


def _methods_of(endpoint: Any) -> list[str]:
    known = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
    return [method for method in known if hasattr(endpoint, method.lower())]


def function_behind(endpoint: Any, method: str = "") -> Callable[..., Any] | None:
    """Return the function behind an endpoint: of a class-based view, the one for the method.

    Args:
        endpoint: What a framework has for a route.
        method: Of the request.
    """
    while isinstance(endpoint, functools.partial):
        endpoint = endpoint.func
    view = getattr(endpoint, "view_class", endpoint)
    found = getattr(view, method.lower(), None) if method and isinstance(view, type) else None
    return found or (endpoint if callable(endpoint) else None)
