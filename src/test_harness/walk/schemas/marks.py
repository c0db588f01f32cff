"""What is marked on an operation: whose it is, and what it is one of."""

from __future__ import annotations

import inspect
from collections import defaultdict
from typing import Any

from test_harness.application.routes import Route
from test_harness.walk.schemas.sources import innermost, mentioned

# Whose own routes show and serve documents, pages and files, and nothing of the application.
FRAMEWORKS = {
    "apiflask", "connexion", "fastapi", "flasgger", "flask", "flask_debugtoolbar", "flask_openapi3",
    "flask_restful", "flask_restx", "flask_smorest", "flask_swagger_ui", "litestar", "spectree",
    "starlette", "werkzeug",
}  # fmt: skip

# What answers piece by piece, in each of the frameworks.
STREAMS = {
    "EventSourceResponse", "ServerSentEvent", "Stream", "StreamingResponse", "stream_with_context",
}  # fmt: skip


def marks_of(route: Route) -> set[str]:
    """Return what is marked on a route.

    `framework` for one that the framework brings along, such as its documentation, `automatic` for
    a HEAD or OPTIONS that it adds to every route, `streams` for one whose answer may have no end,
    and `host:NAME` for one that only answers there.

    Args:
        route: One of `routes_of`.
    """
    marks = {"automatic"} if _is_automatic(route) else set()
    if _is_of_the_framework(route.endpoint):
        marks.add("framework")
    if _streams(route):
        marks.add("streams")
    if route.host:
        marks.add(f"host:{route.host}")
    return marks


def twins_among(routes: list[Route]) -> set[Route]:
    """Return the routes that have come before with, or without, a slash at their end."""
    seen: dict[tuple[str, str], set[str]] = defaultdict(set)
    found = set()
    for route in routes:
        others = seen[route.method, route.path.rstrip("/")]
        if others - {route.path}:
            found.add(route)
        others.add(route.path)
    return found


def _streams(route: Route) -> bool:
    kind = getattr(route.definition, "response_class", None)
    function = innermost(route.endpoint)
    names = mentioned(function.__code__) if function else set()
    return bool(STREAMS & {*names, getattr(kind, "__name__", "")})


def _is_of_the_framework(endpoint: Any) -> bool:
    function = inspect.unwrap(endpoint) if endpoint else None
    module = getattr(function, "__module__", "") or ""
    return module.partition(".")[0] in FRAMEWORKS


def _is_automatic(route: Route) -> bool:
    """Tell whether the framework answers, where the application was not asked to."""
    definition, name = route.definition, route.method.lower()
    if name not in ("head", "options"):
        return False
    methods = getattr(definition, "methods", None) or ()
    # Of a class-based view, the function for the method was found if there is one.
    view = getattr(route.endpoint, "__name__", "")
    if hasattr(definition, "rule"):
        adds = definition.provide_automatic_options if name == "options" else "GET" in methods
        return bool(adds) and view != name
    is_plain = not hasattr(definition, "dependant") and "GET" in methods
    return (is_plain and name == "head" and view != name) or _is_of_the_framework(route.endpoint)
