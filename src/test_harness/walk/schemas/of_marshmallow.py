"""The schema of what a `Schema` of marshmallow loads."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from test_harness.walk.operation import Schema
from test_harness.walk.schemas.known import object_of

# By the name of the class or of one that it is derived from, which is the same in all versions.
_TYPES: dict[str, Schema] = {
    "UUID": {"type": "string", "format": "uuid"},
    "Email": {"type": "string", "format": "email"},
    "Url": {"type": "string", "format": "uri"},
    "NaiveDateTime": {"type": "string", "format": "date-time"},
    "AwareDateTime": {"type": "string", "format": "date-time"},
    "Date": {"type": "string", "format": "date"},
    "Time": {"type": "string", "format": "time"},
    "DateTime": {"type": "string", "format": "date-time"},
    "IPv4": {"type": "string", "format": "ipv4"},
    "IPv6": {"type": "string", "format": "ipv6"},
    "IP": {"type": "string", "format": "ipv4"},
    "TimeDelta": {"type": "integer"},
    "Boolean": {"type": "boolean"},
    "Integer": {"type": "integer"},
    "Float": {"type": "number"},
    "Decimal": {"type": "number"},
    "Number": {"type": "number"},
    "Upload": {"type": "string", "format": "binary"},
    "Mapping": {"type": "object"},
    "String": {"type": "string"},
}


def is_schema(kind: Any) -> bool:
    """Tell whether something is a `Schema`, or an instance of one."""
    base = getattr(sys.modules.get("marshmallow"), "Schema", None)
    return base is not None and (isinstance(kind, base) or _is_class_of(kind, base))


def is_part_of_schema(kind: type) -> bool:
    """Tell whether a class is of schemas, or of the fields and validators that they are made of."""
    return is_schema(kind) or kind.__module__.partition(".")[0] in ("marshmallow", "webargs")


def is_field(value: Any) -> bool:
    """Tell whether something is a field, of a schema or of none."""
    fields = getattr(sys.modules.get("marshmallow"), "fields", None)
    return fields is not None and isinstance(value, fields.Field)


def schema_of(kind: Any) -> Schema | None:
    """Return the schema of what is loaded; None for one that cannot be made.

    Args:
        kind: A class, or an instance, which may load many, or some of the fields.
    """
    return _of_schema(kind, ())


def schema_of_fields(fields: Mapping[str, Any]) -> Schema:
    """Return the schema of an object with these fields, as webargs takes them."""
    found = {str(one.data_key or name): one for name, one in fields.items() if is_field(one)}
    needed = [name for name, one in found.items() if one.required]
    return object_of({name: _of_field(one, ()) for name, one in found.items()}, needed)


def _of_schema(kind: Any, above: tuple[type, ...]) -> Schema | None:
    try:
        schema = kind() if isinstance(kind, type) else kind
        fields = dict(getattr(schema, "load_fields", None) or schema.fields)
    except Exception:  # noqa: BLE001 - the application's own; it may want arguments
        return None
    if type(schema) in above:
        return {"type": "object"}
    inside = (*above, type(schema))
    # One that is only dumped is refused when it is sent.
    known = {name: one for name, one in fields.items() if not one.dump_only}
    found = {str(one.data_key or name): _of_field(one, inside) for name, one in known.items()}
    partial = schema.partial or ()
    needed = [
        str(one.data_key or name)
        for name, one in known.items()
        if one.required and partial is not True and name not in partial
    ]
    whole = object_of(found, needed)
    return {"type": "array", "items": whole} if schema.many else whole


def _of_field(field: Any, above: tuple[type, ...]) -> Schema:
    found = dict(_of_type(field, above))
    for validator in field.validators or ():
        found |= _of_validator(validator)
    if isinstance(default := getattr(field, "load_default", None), (str, int, float, bool)):
        found["default"] = default
    if field.allow_none and isinstance(found.get("type"), str):
        found["type"] = [found["type"], "null"]
    return found


def _of_type(field: Any, above: tuple[type, ...]) -> Schema:
    names = [kind.__name__ for kind in type(field).__mro__]
    if "Nested" in names:
        inner = _of_schema(field.schema, above) or {}
        is_many = field.many and inner.get("type") != "array"
        return {"type": "array", "items": inner} if is_many else inner
    if "List" in names:
        return {"type": "array", "items": _of_field(field.inner, above)}
    if "Enum" in names:
        return {"enum": [one.value if field.by_value else one.name for one in field.enum]}
    if "Constant" in names:
        return {"const": field.constant}
    return next((_TYPES[name] for name in names if name in _TYPES), {})


def _of_validator(validator: Any) -> dict[str, Any]:
    """Return what one of marshmallow's validators demands, by the name of its class."""
    found: dict[str, Any] = {}
    match type(validator).__name__:
        case "Length":
            equal = validator.equal
            found = {"minLength": equal or validator.min, "maxLength": equal or validator.max}
        case "Range":
            lowest = "minimum" if validator.min_inclusive else "exclusiveMinimum"
            highest = "maximum" if validator.max_inclusive else "exclusiveMaximum"
            found = {lowest: validator.min, highest: validator.max}
        case "OneOf":
            found = {"enum": list(validator.choices)}
        case "Regexp":
            found = {"pattern": validator.regex.pattern}
        case "Equal":
            found = {"const": validator.comparable}
        case "Email":
            found = {"format": "email"}
        case "URL":
            found = {"format": "uri"}
        case "And":
            for one in validator.validators:
                found |= _of_validator(one)
    return {name: limit for name, limit in found.items() if limit is not None}


def _is_class_of(kind: Any, base: type) -> bool:
    return isinstance(kind, type) and issubclass(kind, base)
