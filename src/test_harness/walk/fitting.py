"""Schemas of JSON: what one says without its alternatives, and whether it takes a value."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from test_harness.walk.operation import Schema
from test_harness.walk.recipe import Symbol

MISSING: Any = object()


DEEPEST = 6


# What texts of a format have in common.
_OF_FORMAT = {
    **dict.fromkeys(("email", "idn-email"), "@"),
    **dict.fromkeys(("uri", "url"), "://"),
    "uuid": "^[0-9a-fA-F-]{32,36}$",
}


def narrowed(schema: Schema) -> Schema:
    """Return a schema without alternatives: the first that is not null, and all that all say."""
    seen = 0
    found: dict[str, Any] = dict(schema)
    while seen < DEEPEST and (
        {"anyOf", "oneOf", "allOf"} & found.keys() or isinstance(found.get("type"), list)
    ):
        seen += 1
        for word in ("anyOf", "oneOf"):
            if word in found:
                options = [one for one in found.pop(word) if one.get("type") != "null"]
                # An alternative that says something before one that takes anything.
                options.sort(key=lambda one: not one)
                found = {**found, **merged([found, options[0]])} if options else found
        if "allOf" in found:
            parts = found.pop("allOf")
            found = merged([found, *parts])
        if isinstance(found.get("type"), list):
            kinds = [one for one in found["type"] if one != "null"]
            found["type"] = kinds[0] if kinds else "null"
    return found


def merged(schemas: list[Schema]) -> dict[str, Any]:
    """Return the schema of what all of several take."""
    made: dict[str, Any] = {}
    for one in schemas:
        for word, value in one.items():
            if word == "properties":
                made[word] = {**made.get(word, {}), **value}
            elif word == "required":
                made[word] = [*made.get(word, ()), *value]
            else:
                made.setdefault(word, value)
    return made


def kind_of(schema: Schema) -> str:
    """Return the type that a schema has, as read off what it says where it does not name it."""
    if "type" in schema:
        return str(schema["type"])
    if "properties" in schema or "additionalProperties" in schema:
        return "object"
    return "array" if "items" in schema else "string" if "format" in schema else ""


def fits(value: Any, schema: Schema) -> bool:
    """Tell whether a schema takes a value, as far as can be told; symbols are trusted."""
    schema = narrowed(schema)
    kind = kind_of(schema)
    if isinstance(value, Symbol) or not schema:
        return True
    if value not in (schema.get("enum") or [value]):
        return False
    if isinstance(value, bool) or kind == "boolean":
        return isinstance(value, bool) and kind in {"boolean", ""}
    if isinstance(value, str):
        return kind in {"string", ""} and _text_fits(value, schema)
    if isinstance(value, (int, float)):
        return kind in {"integer", "number", ""} and _number_fits(value, schema)
    expected = {"object": dict, "array": (list, tuple)}.get(kind)
    return expected is None or isinstance(value, expected)  # type: ignore[arg-type]


def _number_fits(value: float, schema: Schema) -> bool:
    if schema.get("type") == "integer" and value != int(value):
        return False
    low, high = schema.get("minimum", value), schema.get("maximum", value)
    above = schema.get("exclusiveMinimum", value - 1)
    below = schema.get("exclusiveMaximum", value + 1)
    return bool(low <= value <= high and above < value < below)


def _text_fits(value: str, schema: Schema) -> bool:
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        return False
    form, pattern = schema.get("format", ""), schema.get("pattern", "")
    if form in {"date", "date-time"} and not _is_moment(value, form):
        return False
    return _matches(pattern, value) and _matches(_OF_FORMAT.get(form, ""), value)


def _is_moment(value: str, form: str) -> bool:
    try:
        datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return False
    return form == "date-time" or len(value) == 10


def _matches(pattern: str, value: str) -> bool:
    try:
        return bool(re.search(pattern, value))
    except re.error:
        return False
