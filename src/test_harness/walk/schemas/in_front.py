"""What stands in front of a route: what runs before it, and may refuse the request."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from typing import Any

from test_harness.application.routes import Route
from test_harness.walk.schemas.sources import source_of

# What makes a function into a route, and refuses nobody.
_REGISTERING = {
    "route", "get", "post", "put", "patch", "delete", "head", "options", "api_route", "doc",
    "alt_response", "arguments", "expect", "input", "marshal_with", "output", "paginate",
    "response", "use_args", "use_kwargs",
    "classmethod", "staticmethod", "asynccontextmanager",
}  # fmt: skip


def in_front_of(route: Route) -> tuple[str, ...]:
    """Return the names of what stands in front of a route, the outermost first.

    These are the dependencies of FastAPI, the guards and dependencies of Litestar, what Flask runs
    before each request, and the decorators of the view.

    Args:
        route: One of `routes_of`.
    """
    named = [_name(one) for one in (*_of_framework(route), *_of_class(route))]
    return tuple(dict.fromkeys([*named, *_decorators(route)]))


def _of_framework(route: Route) -> Iterator[Any]:
    definition = route.definition
    if dependant := getattr(definition, "dependant", None):
        yield from _dependencies(dependant)
    for ask in ("resolve_guards", "resolve_dependencies"):
        if resolve := getattr(definition, ask, None):
            found = resolve()
            held = found.values() if isinstance(found, dict) else found
            yield from (getattr(one, "dependency", one) for one in held)
    before = getattr(route.owner, "before_request_funcs", None)
    if before:
        # `a.b.view` is of the blueprint `a.b`, which lies in `a`.
        names = definition.endpoint.split(".")[:-1]
        blueprints = [".".join(names[: end + 1]) for end in range(len(names))]
        for name in (None, *blueprints):
            yield from before.get(name, ())


def _dependencies(dependant: Any) -> Iterator[Any]:
    for one in dependant.dependencies:
        yield one.call
        yield from _dependencies(one)


def _of_class(route: Route) -> Iterator[Any]:
    views = getattr(route.owner, "view_functions", None)
    view = views.get(route.definition.endpoint) if views else None
    kind = getattr(view, "view_class", None)
    yield from getattr(kind, "decorators", None) or ()
    yield from getattr(kind, "method_decorators", None) or ()


def _decorators(route: Route) -> Iterator[str]:
    source = source_of(route.endpoint)
    for node in source.node.decorator_list if source else ():
        called = node.func if isinstance(node, ast.Call) else node
        name = called.attr if isinstance(called, ast.Attribute) else ast.unparse(called)
        if name not in _REGISTERING:
            yield name


def _name(called: Any) -> str:
    function = inspect.unwrap(called) if callable(called) else called
    return getattr(function, "__name__", "") or type(function).__name__
