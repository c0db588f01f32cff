"""What a `RequestParser` takes: that of Flask-RESTful, and that of Flask-RESTX."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from test_harness.walk.operation import Schema
from test_harness.walk.schemas.annotations import schema_of

# Where an argument is looked for, by where it is said to be; unsaid it is in any of the first two.
_PLACES = {
    "json": "json",
    "values": "values",
    "form": "form",
    "args": "query",
    "files": "files",
    "headers": "header",
    "cookies": "cookie",
}
_BY_NAME: dict[str, Schema] = {
    "boolean": {"type": "boolean"},
    "natural": {"type": "integer", "minimum": 0},
    "positive": {"type": "integer", "minimum": 1},
    "email": {"type": "string", "format": "email"},
    "url": {"type": "string", "format": "uri"},
    "date": {"type": "string", "format": "date"},
    "datetime_from_iso8601": {"type": "string", "format": "date-time"},
    "date_from_iso8601": {"type": "string", "format": "date"},
    "FileStorage": {"type": "string", "format": "binary"},
}


def is_parser(value: Any) -> bool:
    """Tell whether something is one of these parsers."""
    modules = {kind.__module__.partition(".")[0] for kind in type(value).__mro__}
    return hasattr(value, "parse_args") and bool(modules & {"flask_restful", "flask_restx"})


def arguments_of(parser: Any) -> Iterator[tuple[str, str, Schema, bool]]:
    """Yield place, name, schema and whether it is required, of each argument.

    Args:
        parser: The parser.
    """
    for one in parser.args:
        places = [one.location] if isinstance(one.location, str) else list(one.location or ())
        place = _PLACES.get(places[0] if places else "json", "json")
        schema = dict(_type_of(one.type))
        if one.choices:
            schema["enum"] = list(one.choices)
        if isinstance(one.default, (str, int, float, bool)):
            schema["default"] = one.default
        if one.action in ("append", "split"):
            schema = {"type": "array", "items": schema}
        yield place, one.name, schema, bool(one.required)


def _type_of(kind: Any) -> Schema:
    if isinstance(kind, type) and kind.__name__ not in _BY_NAME:
        return schema_of(kind) or {}
    named = inspect.isroutine(kind) or isinstance(kind, type)
    name = kind.__name__ if named else type(kind).__name__
    if name == "int_range":
        return {"type": "integer", "minimum": kind.low, "maximum": kind.high}
    # What an argument is where nobody says.
    is_text = name == "<lambda>" and kind.__module__.startswith("flask_rest")
    return {"type": "string"} if is_text else _BY_NAME.get(name, {})
