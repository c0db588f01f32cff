"""The schema of what a form of WTForms takes, read from its class: to make one needs a request."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from test_harness.walk.operation import Schema
from test_harness.walk.schemas.known import object_of

# By the name of the class or of one that it is derived from.
_TYPES: dict[str, Schema] = {
    "MultipleFileField": {"type": "array", "items": {"type": "string", "format": "binary"}},
    "FileField": {"type": "string", "format": "binary"},
    "EmailField": {"type": "string", "format": "email"},
    "URLField": {"type": "string", "format": "uri"},
    "DateTimeLocalField": {"type": "string", "pattern": r"^2\d{3}-0[1-9]-1\dT1\d:[0-5]\d$"},
    "DateField": {"type": "string", "format": "date"},
    "TimeField": {"type": "string", "pattern": r"^1\d:[0-5]\d$"},
    "DateTimeField": {
        "type": "string",
        "pattern": r"^2\d{3}-0[1-9]-1\d 1\d:[0-5]\d:[0-5]\d$",
    },
    "SubmitField": {"type": "string", "enum": ["y"]},
    "BooleanField": {"type": "string", "enum": ["y"]},
    "IntegerField": {"type": "integer"},
    "IntegerRangeField": {"type": "integer"},
    "DecimalField": {"type": "number"},
    "FloatField": {"type": "number"},
    "SelectMultipleField": {"type": "array"},
    "StringField": {"type": "string"},
}
_REQUIRING = {"DataRequired", "InputRequired", "FileRequired"}
# Nothing is no number in a range, no address, and not what another field has.
_REFUSING_NOTHING = {"AnyOf", "Email", "EqualTo", "NumberRange", "Regexp", "URL", "UUID"}


def is_form(kind: Any) -> bool:
    """Tell whether something is the class of a form."""
    base = getattr(sys.modules.get("wtforms"), "Form", None)
    return base is not None and isinstance(kind, type) and issubclass(kind, base)


def schema_of(form: Any) -> Schema:
    """Return the schema of the fields of a form.

    Args:
        form: Its class.
    """
    properties: dict[str, Schema] = {}
    needed = []
    for name, field in _fields(form):
        for sent, schema, is_needed in _of_field(name, field):
            properties[sent] = schema
            needed += [sent] if is_needed else []
    return object_of(properties, needed)


def _fields(form: Any) -> Iterable[tuple[str, Any]]:
    unbound = sys.modules["wtforms"].fields.core.UnboundField
    found = [(name, value) for name in dir(form) if (value := getattr(form, name, None))]
    ours = [(name, value) for name, value in found if isinstance(value, unbound)]
    return sorted(ours, key=lambda named: named[1].creation_counter)


def _of_field(name: str, field: Any) -> Iterable[tuple[str, Schema, bool]]:
    """Yield under which names a field is sent, what, and whether the form is refused without."""
    names = [kind.__name__ for kind in field.field_class.__mro__]
    if "FormField" in names or "FieldList" in names:
        inner = field.args[0]
        parts = schema_of(inner) if is_form(inner) else None
        if "FieldList" in names:
            for _, schema, needed in _of_field("0", inner):
                yield f"{name}-0", schema, needed and bool(field.kwargs.get("min_entries"))
        elif parts:
            for sent, schema in parts["properties"].items():
                yield f"{name}-{sent}", schema, sent in parts["required"]
        return
    validators = _validators(field)
    schema = dict(next((_TYPES[one] for one in names if one in _TYPES), {"type": "string"}))
    choices = field.kwargs.get("choices")
    if isinstance(choices, (list, tuple, dict)) and (allowed := _allowed(choices)):
        limits = {"enum": allowed}
        schema |= {"items": limits} if schema.get("type") == "array" else limits
    for validator in validators:
        schema |= _demanded(validator)
    is_chosen = "enum" in schema and "SelectField" in names
    yield str(field.kwargs.get("name") or name), schema, is_chosen or _is_required(validators)


def _is_required(validators: list[Any]) -> bool:
    kinds = {type(one).__name__ for one in validators}
    is_long = any(getattr(one, "min", -1) > 0 for one in validators if _is_length(one))
    return bool(kinds & _REQUIRING) or (
        "Optional" not in kinds and (is_long or bool(kinds & _REFUSING_NOTHING))
    )


def _is_length(validator: Any) -> bool:
    return type(validator).__name__ == "Length"


def _validators(field: Any) -> list[Any]:
    given = field.kwargs.get("validators")
    if given is None and len(field.args) > 1 and isinstance(field.args[1], (list, tuple)):
        given = field.args[1]
    return [one() if isinstance(one, type) else one for one in given or ()]


def _allowed(choices: Any) -> list[Any]:
    """Return the values of choices, which may be grouped, and may have labels."""
    if isinstance(choices, dict):
        return [one for group in choices.values() for one in _allowed(group)]
    values = [one[0] if isinstance(one, (list, tuple)) else one for one in choices]
    # One that is left empty asks for a choice, and is refused where one is demanded.
    return [one for one in values if one not in ("", None)]


def _demanded(validator: Any) -> dict[str, Any]:
    """Return what one of the validators of WTForms demands, by the name of its class."""
    found: dict[str, Any] = {}
    match type(validator).__name__:
        case "Length":
            found = {"minLength": validator.min, "maxLength": validator.max}
        case "NumberRange":
            found = {"minimum": validator.min, "maximum": validator.max}
        case "AnyOf":
            found = {"enum": list(validator.values)}
        case "Regexp":
            found = {"pattern": validator.regex.pattern}
        case "Email":
            found = {"format": "email"}
        case "URL":
            found = {"format": "uri"}
        case "UUID":
            found = {"format": "uuid"}
        case "EqualTo":
            found = {"x-same-as": validator.fieldname}
        case "FileAllowed":
            kinds = validator.upload_set
            found = {"x-endings": list(kinds)} if isinstance(kinds, (list, tuple, set)) else {}
    return {name: limit for name, limit in found.items() if limit not in (None, -1)}
