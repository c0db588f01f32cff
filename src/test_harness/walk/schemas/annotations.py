"""The schema of a type, whichever library it is a model of."""

from __future__ import annotations

import dataclasses
import sys
import types
import typing
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache, partial
from pathlib import PurePath
from typing import Any, Literal, Union
from uuid import UUID

from test_harness.walk.operation import Schema
from test_harness.walk.schemas import of_marshmallow, of_wtforms
from test_harness.walk.schemas.known import object_of
from test_harness.walk.schemas.references import References

_PLAIN: dict[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    bytes: {"type": "string", "format": "binary"},
    UUID: {"type": "string", "format": "uuid"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    time: {"type": "string", "format": "time"},
    timedelta: {"type": "string", "format": "duration"},
    Decimal: {"type": "number"},
    dict: {"type": "object"},
    list: {"type": "array"},
    type(None): {"type": "null"},
}


def is_model(kind: Any) -> bool:
    """Tell whether a class is one that payloads are checked with.

    A mapped class is none, though it may be a dataclass: it is what the payload is made into.
    """
    if of_marshmallow.is_schema(kind) or of_wtforms.is_form(kind):
        return True
    if not isinstance(kind, type):
        return typing.get_origin(kind) is not None and any(map(is_model, typing.get_args(kind)))
    if hasattr(kind, "__mapper__"):
        return False
    marks = ("model_fields", "__fields__", "__struct_fields__", "__attrs_attrs__")
    return any(hasattr(kind, mark) for mark in marks) or dataclasses.is_dataclass(kind)


def schema_of(kind: Any) -> Schema | None:
    """Return the schema of a type; None for one that nothing is known of.

    Args:
        kind: A type, a model, or an instance of marshmallow's `Schema`.
    """
    try:
        return _cached(kind)
    except TypeError:  # What is annotated with something that has no hash.
        return _schema(kind)


@cache
def _cached(kind: Any) -> Schema | None:
    return _schema(kind)


def _schema(kind: Any) -> Schema | None:
    if of_marshmallow.is_schema(kind):
        return of_marshmallow.schema_of(kind)
    if of_wtforms.is_form(kind):
        return of_wtforms.schema_of(kind)
    if kind in (Any, object):
        return None
    made = _made_by_its_library(kind)
    if made is None:
        return _by_hand(kind)
    return References(made).resolve(
        {name: of_it for name, of_it in made.items() if name != "$defs"}
    )


def _made_by_its_library(kind: Any) -> Mapping[str, Any] | None:
    """Return what pydantic or msgspec say of a type, if one of them is in use and knows it."""
    msgspec, pydantic = sys.modules.get("msgspec"), sys.modules.get("pydantic")
    make: Callable[[], Any]
    if msgspec and hasattr(kind, "__struct_fields__"):
        make = partial(msgspec.json.schema, kind)
    elif hasattr(kind, "model_json_schema"):
        make = kind.model_json_schema
    elif hasattr(kind, "__fields__") and hasattr(kind, "schema"):
        make = kind.schema
    elif hasattr(pydantic, "TypeAdapter") and kind not in _PLAIN:
        make = partial(_adapted, kind)
    else:
        return None
    try:
        made = make()
    except Exception:  # noqa: BLE001 - types of the application's, which may be of any kind
        return None
    return made if isinstance(made, Mapping) else None


def _adapted(kind: Any) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(kind).json_schema()


def _by_hand(kind: Any) -> Schema | None:
    if isinstance(kind, type) and not typing.get_origin(kind):
        return _of_class(kind)
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    found: Schema | None = None
    if origin is typing.Annotated:
        found = schema_of(inner[0])
    elif origin is Literal:
        found = {"enum": list(inner)}
    elif origin in (Union, types.UnionType):
        found = {"anyOf": [schema_of(one) or {} for one in inner]}
    elif isinstance(origin, type) and issubclass(origin, Mapping):
        found = {"type": "object"}
    elif isinstance(origin, type) and issubclass(origin, Collection):
        found = {"type": "array", "items": (schema_of(inner[0]) if inner else None) or {}}
    return found


def _of_class(kind: type) -> Schema | None:
    if issubclass(kind, Enum):
        return {"enum": [one.value for one in kind]}
    if dataclasses.is_dataclass(kind):
        fields = dataclasses.fields(kind)
        none = dataclasses.MISSING
        needed = [f.name for f in fields if f.default is none and f.default_factory is none]
        return _of_hints(kind, [field.name for field in fields if field.init], needed)
    if listed := getattr(kind, "__attrs_attrs__", None):
        nothing = sys.modules["attr"].NOTHING
        needed = [one.name for one in listed if one.default is nothing]
        return _of_hints(kind, [one.name for one in listed if one.init], needed)
    if typing.is_typeddict(kind):
        needed = list(getattr(kind, "__required_keys__", ()))
        return _of_hints(kind, list(kind.__annotations__), needed)
    if issubclass(kind, PurePath):
        return {"type": "string"}
    return next((of_it for plain, of_it in _PLAIN.items() if issubclass(kind, plain)), None)


def _of_hints(kind: type, names: list[str], needed: Collection[str]) -> Schema:
    try:
        hints = typing.get_type_hints(kind, include_extras=True)
    except Exception:  # noqa: BLE001 - names that are only there for type checkers
        hints = {}
    return object_of({name: schema_of(hints.get(name)) or {} for name in names}, needed)
