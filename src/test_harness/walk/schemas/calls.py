"""What the calls in a view say of a request: who is given which part of it, and what comes back."""

from __future__ import annotations

import inspect
from datetime import date, datetime, time
from enum import Enum
from typing import Any, Protocol

from test_harness.lock.callers import is_of_a_library
from test_harness.walk.schemas import of_marshmallow, of_reqparse, of_wtforms
from test_harness.walk.schemas.annotations import is_model, schema_of
from test_harness.walk.schemas.call import CONVERTERS, Call, constants, is_checked_with
from test_harness.walk.schemas.columns import (
    column_of,
    is_mapped,
    schema_of_column,
    schema_of_row,
)
from test_harness.walk.schemas.symbols import (
    Adapter,
    Instance,
    Live,
    Method,
    Part,
    Symbol,
)
from test_harness.walk.schemas.uses import FILE, Uses

_CONTAINERS = (dict, list, set, tuple, frozenset, sorted)
_GETTERS = ("get", "pop", "getlist", "getall", "get_all", "getone", "setdefault")
_LISTS = ("getlist", "getall", "get_all")
# What leaves a part of the request what it was.
_SAME = ("copy", "to_dict", "decode", "keys", "model_dump", "dict", "read", "get_json")
_OF_TEXT = ("strip", "lower", "upper", "title", "capitalize", "split", "replace", "encode",
            "startswith", "endswith", "lstrip", "rstrip", "casefold", "isdigit")  # fmt: skip
_CHECKS = ("model_validate", "parse_obj", "model_validate_json", "parse_raw", "from_dict",
           "model_construct", "validate", "from_json", "model_validate_strings")  # fmt: skip


class Follower(Protocol):
    """Who follows the code, and what it is asked here."""

    uses: Uses

    def called(self, function: Any, call: Call, owner: Symbol = None) -> Symbol:
        """Read a function of the project that is called, and return what it returns."""


# What comes of a call that is understood, and says no more.
_DONE = Live(None)


def answer(reader: Follower, call: Call) -> Symbol:
    """Note what a call says of the request, and return what comes back."""
    found: Symbol = None
    match call.target:
        case Part(path=()) as part:
            # `request.get_json()`, `await request.form()`
            found = part
        case Method(owner=Part() as part, name=name):
            found = _of_part(reader.uses, part, name, call)
        case Method(owner=Adapter(kind=kind)):
            found = _checked(reader.uses, call, kind)
        case Method(owner=owner, name=name):
            found = _of_known_library(reader.uses, owner, name, call)
            found = found or _of_object(reader, owner, name, call)
        case Live(value=type() as kind):
            found = _of_class(reader, kind, call)
        case Live(value=function):
            found = _of_function(reader, function, call)
    return found


def _of_part(uses: Uses, part: Part, name: str, call: Call) -> Symbol:
    if name in _GETTERS:
        return _got(uses, part, name, call)
    if name in _OF_TEXT and part.path:
        uses.is_of(part, {"type": "string"})
        return part
    return part if name in _SAME else None


def _got(uses: Uses, part: Part, name: str, call: Call) -> Symbol:
    found: Symbol = None
    for key in constants(call.first):
        found = below = uses.key(part, key)
        default = call.named.get("default", call.second)
        value = default.value if isinstance(default, Live) else None
        kind = call.named.get("type")
        schema = dict(schema_of(kind.value) or {}) if isinstance(kind, Live) else {}
        if value is not None and isinstance(value, CONVERTERS):
            schema = {**(schema_of(type(value)) or {}), **schema, "default": value}
        if name in _LISTS:
            schema = {"type": "array", "items": FILE if part.place == "files" else schema}
        uses.is_of(below, schema)
    return found


def _of_known_library(uses: Uses, owner: Symbol, name: str, call: Call) -> Symbol:
    """Note what is asked of a schema or a parser that the application has made."""
    value = _value(owner)
    if of_marshmallow.is_schema(value) and name in ("load", "loads", "validate"):
        return _checked(uses, call, value) or _DONE
    if of_reqparse.is_parser(value) and name == "parse_args":
        for place, sent_as, schema, needed in of_reqparse.arguments_of(value):
            uses.is_of(uses.key(Part(place), sent_as, needed=needed), schema)
        return _DONE
    if name in ("parse", "parse_async") and of_marshmallow.is_schema(_value(call.first)):
        return sent(uses, call.first, _value(call.named.get("location")) or "json") or _DONE
    return None


def _of_object(reader: Follower, owner: Symbol, name: str, call: Call) -> Symbol:
    kind = owner.kind if isinstance(owner, Instance) else type(_value(owner))
    function = inspect.getattr_static(kind, name, None)
    if isinstance(function, classmethod):
        return reader.called(function.__func__, call, Live(kind))
    if isinstance(function, staticmethod):
        return reader.called(function.__func__, call)
    if inspect.isfunction(function) and not is_of_a_library(function.__code__.co_filename):
        return reader.called(function, call, owner)
    if is_mapped(kind):
        # Such as `select(User).filter_by(email=...)`.
        for sent_as, value in call.named.items():
            into_column(reader.uses, Instance(kind), sent_as, value)
        return owner
    return _by_a_library(reader.uses, call)


def _of_class(reader: Follower, kind: type, call: Call) -> Symbol:
    first = call.first
    if kind in CONVERTERS or issubclass(kind, Enum):
        if isinstance(first, Part) and first.path:
            reader.uses.is_of(first, schema_of(kind))
        return first
    if kind in _CONTAINERS:
        return first
    if kind.__name__ in ("TypeAdapter", "Decoder"):
        return Adapter(_value(call.named.get("type") or first))
    if of_marshmallow.is_part_of_schema(kind):
        return _made(kind, call)
    _fill(reader, kind, call)
    return Instance(kind)


def _fill(reader: Follower, kind: type, call: Call) -> None:
    """Note what an object is made of."""
    uses, first = reader.uses, call.first
    spread = [part for part in call.spread if isinstance(part, Part)]
    made = inspect.getattr_static(kind, "__init__", None)
    if of_wtforms.is_form(kind):
        place = first.place if isinstance(first, Part) else "form"
        uses.is_of(Part(place), schema_of(kind))
    elif is_mapped(kind):
        for name, value in call.named.items():
            into_column(uses, Instance(kind), name, value)
        for part in spread:
            uses.is_of(_as_json(part), schema_of_row(kind))
    elif is_model(kind):
        _checked(uses, Call(call.target, call.given, spread=call.spread), kind)
        _into_model(uses, kind, call)
    elif inspect.isfunction(made):
        reader.called(made, call, Instance(kind))


def _of_function(reader: Follower, function: Any, call: Call) -> Symbol:
    owner = getattr(function, "__self__", None)
    found = _of_builtin(reader.uses, function, call)
    if found is None and isinstance(owner, type):
        found = _of_method_of_class(reader.uses, owner, function.__name__, call)
    if found is None and inspect.ismethod(function):
        found = reader.called(function.__func__, call, Live(owner)) or _found(call)
    elif found is None:
        found = reader.called(function, call) or _by_a_library(reader.uses, call)
    return found


def _of_method_of_class(uses: Uses, owner: type, name: str, call: Call) -> Symbol:
    if of_wtforms.is_form(owner):
        uses.is_of(Part("form"), schema_of(owner))
        return Instance(owner)
    if is_model(owner) and name in _CHECKS:
        return _checked(uses, call, owner)
    if owner in (date, datetime, time) and isinstance(call.first, Part):
        uses.is_of(call.first, schema_of(owner) if call.first.path else {})
        return call.first
    return None


def _of_builtin(uses: Uses, function: Any, call: Call) -> Symbol:
    """Note what a function says that is known by its name, whichever library has it."""
    name, first, second = getattr(function, "__name__", ""), call.first, call.second
    if name == "isinstance" and isinstance(first, Part):
        kind = _value(second)
        uses.is_of(first, schema_of(kind) if isinstance(kind, type) and first.path else {})
    elif name == "setattr" and len(call.given) > 2:
        for one in constants(second):
            into_column(uses, first, one, call.given[2])
    elif function in _CONTAINERS:
        return first
    elif name in ("loads", "cast", "unquote", "escape") and (parts := _parts(call)):
        return Part("json", parts[0].path) if parts[0].place == "raw" else parts[0]
    elif name == "validate" and isinstance(first, Part) and isinstance(_value(second), dict):
        uses.is_of(_as_json(first), _value(second))
    else:
        return None
    return _DONE


def _by_a_library(uses: Uses, call: Call) -> Symbol:
    """Note what a library is given: a part and a model, such as `msgspec.convert(data, Item)`."""
    models = [one for one in call.everything if is_checked_with(one) and isinstance(one, Live)]
    if _parts(call) and models:
        return _checked(uses, call, models[0].value)
    return _found(call)


def _found(call: Call) -> Symbol:
    """Return what is found by a call that is given a mapped class, such as `get(User, 1)`."""
    kinds = [one.value for one in call.everything if isinstance(one, Live)]
    kinds += [one.kind for one in call.everything if isinstance(one, Instance)]
    return next((Instance(kind) for kind in kinds if is_mapped(kind)), None)


def _checked(uses: Uses, call: Call, kind: Any) -> Symbol:
    for part in _parts(call):
        uses.is_of(_as_json(part), schema_of(kind))
    return Instance(kind) if isinstance(kind, type) else None


def sent(uses: Uses, model: Symbol, location: str) -> Symbol:
    """Note that something is checked with a model, by where webargs and its like look for it."""
    value = _value(model)
    places = {"query": "query", "querystring": "query", "json_or_form": "json", "headers": "header",
              "cookies": "cookie", "form_and_files": "form"}  # fmt: skip
    schema = of_marshmallow.schema_of_fields(value) if isinstance(value, dict) else schema_of(value)
    uses.is_of(Part(places.get(location, location)), schema)
    return Instance(value) if isinstance(value, type) else None


def _made(kind: type, call: Call) -> Symbol:
    """Return a schema of marshmallow, or what one is made of, with what it is made with."""
    given = [one.value for one in call.given if isinstance(one, Live)]
    named = {name: one.value for name, one in call.named.items() if isinstance(one, Live)}
    try:
        return Live(kind(*given, **named))
    except Exception:  # noqa: BLE001 - the application's own; it may want other arguments
        return Live(kind)


def into_column(uses: Uses, owner: Symbol, name: str, value: Symbol) -> None:
    """Note that a part of the request is put into an attribute of a row.

    Args:
        uses: Where it is noted.
        owner: What may be a row.
        name: The attribute.
        value: What may be a part of the request.
    """
    if isinstance(owner, Instance) and is_mapped(owner.kind):
        column = column_of(owner.kind, name)
        if column is not None and isinstance(value, Part) and value.path:
            uses.is_of(value, schema_of_column(column))


def _into_model(uses: Uses, kind: type, call: Call) -> None:
    schema = schema_of(kind) or {}
    for name, part in call.named.items():
        if isinstance(part, Part) and part.path:
            uses.is_of(part, schema.get("properties", {}).get(name))
            if name in schema.get("required", ()):
                uses.needs(part)


def _parts(call: Call) -> list[Part]:
    # What a key of a form or of a query leads to is a value, and no payload.
    found = [one for one in call.everything if isinstance(one, Part)]
    return [one for one in found if not one.path or one.place in ("json", "raw")]


def _as_json(part: Part) -> Part:
    return Part("json", part.path) if part.place == "raw" else part


def _value(symbol: Symbol) -> Any:
    return symbol.value if isinstance(symbol, Live) else None
