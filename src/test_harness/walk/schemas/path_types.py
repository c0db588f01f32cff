"""What stands in a path, by the converters of its route: those of Starlette and of Werkzeug."""

from __future__ import annotations

import re
from typing import Any

from test_harness.application.routes import Route
from test_harness.walk.operation import Parameter, Schema

# By the name of the class, which both frameworks have kept since their first versions.
_TYPES: dict[str, Schema] = {
    "IntegerConvertor": {"type": "integer", "minimum": 0},
    "FloatConvertor": {"type": "number", "minimum": 0},
    "UUIDConvertor": {"type": "string", "format": "uuid"},
    "PathConvertor": {"type": "string", "format": "path"},
    "StringConvertor": {"type": "string"},
    "IntegerConverter": {"type": "integer", "minimum": 0},
    "FloatConverter": {"type": "number", "minimum": 0},
    "UUIDConverter": {"type": "string", "format": "uuid"},
    "PathConverter": {"type": "string", "format": "path"},
    "UnicodeConverter": {"type": "string"},
    "AnyConverter": {"type": "string"},
}
_ONE_OF = re.compile(r"\(\?:([^()]+)\)")
_LENGTH = re.compile(r"\[\^/\]\{(\d+),?(\d*)\}")


def path_parameters(route: Route) -> tuple[Parameter, ...]:
    """Return the parameters of a route's path, in their order.

    Args:
        route: One of `routes_of`.
    """
    definition = route.definition
    converters = getattr(definition, "param_convertors", None)
    converters = converters or getattr(definition, "_converters", None) or {}
    return tuple(
        Parameter(name, "path", _schema(converters.get(name)), required=True)
        for name in route.parameters
    )


def _schema(converter: Any) -> Schema:
    """Return the schema of what a converter accepts; of one of the project's own, its pattern."""
    if converter is None:
        return {"type": "string"}
    pattern = str(getattr(converter, "regex", ""))
    for kind in type(converter).__mro__:
        if kind.__name__ in _TYPES:
            found = dict(_TYPES[kind.__name__])
            if type(converter) is kind:
                return found | _limits(converter, kind.__name__, pattern)
            if pattern == str(getattr(kind, "regex", "")):
                return found
            break
    return {"type": "string"} | ({"pattern": f"^(?:{pattern})$"} if pattern else {})


def _limits(converter: Any, kind: str, pattern: str) -> dict[str, Any]:
    if kind == "AnyConverter" and (choice := _ONE_OF.fullmatch(pattern)):
        return {"enum": [re.sub(r"\\(.)", r"\1", one) for one in choice[1].split("|")]}
    if kind == "UnicodeConverter" and (length := _LENGTH.fullmatch(pattern)):
        limits = {"minLength": length[1], "maxLength": length[2] or length[1]}
        if "," in pattern and not length[2]:
            del limits["maxLength"]
        return {name: int(limit) for name, limit in limits.items()}
    said = {"minimum": getattr(converter, "min", None), "maximum": getattr(converter, "max", None)}
    return {name: limit for name, limit in said.items() if limit is not None}
