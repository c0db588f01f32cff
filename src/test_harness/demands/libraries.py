"""Errors of settings libraries that name what they lack in a form of their own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from test_harness.demands.grammar import Shape
from test_harness.demands.reads import Read, is_of_the_project
from test_harness.demands.shapes import Frames

# Of marshmallow, by which environs reads.
_FIELDS = {
    "Integer": "int", "Float": "float", "Decimal": "float", "Boolean": "bool", "List": "list",
    "Dict": "json", "JSONField": "json", "Url": "url", "URL": "url", "Email": "email",
    "UUID": "uuid", "Date": "date", "DateTime": "date", "LogLevelField": "level",
    "TimeDelta": "int", "PathField": "path",
}  # fmt: skip


def wanted_by_a_library(
    error: BaseException, frames: Frames, reads: Sequence[Read]
) -> list[tuple[Read, Shape]]:
    """Return what a library says that it lacks or refuses; empty where it is none that is known."""
    library = type(error).__module__.partition(".")[0]
    if library == "dynaconf" or _inside(frames).startswith("dynaconf"):
        return _of_dynaconf(error, frames)
    if library == "environs":
        return _of_environs(error, frames, reads)
    return []


def _inside(frames: Frames) -> str:
    return str(frames[0][0].f_globals.get("__name__", "")) if frames else ""


def _ours(frames: Frames) -> tuple[str, int]:
    places = ((frame.f_code.co_filename, line) for frame, line in frames)
    return next((place for place in places if is_of_the_project(place[0])), ("", 0))


def _of_environs(error: Any, frames: Frames, reads: Sequence[Read]) -> list[tuple[Read, Shape]]:
    messages = getattr(error, "error_messages", None)
    names = (
        [*messages] if isinstance(messages, dict) else re.findall(r'variable "(\w+)"', str(error))
    )
    last = {read.name: read for read in reads}
    shape: Shape = {}
    for frame, _ in frames:
        field: Any = frame.f_locals.get("field")
        if hasattr(field, "validators") and len(names) == 1:
            shape = {"kind": _FIELDS.get(type(field).__name__, "text")}
            for one in field.validators:
                shape |= _of_validator(one)
            break
    file, line = _ours(frames)
    return [(last.get(name, Read(name, file, line, missing=True)), {**shape}) for name in names]


def _of_validator(validator: Any) -> Shape:
    found = vars(validator) if hasattr(validator, "__dict__") else {}
    shape: Shape = {}
    if isinstance(found.get("choices"), (list, tuple, set)):
        shape["choices"] = [str(one) for one in found["choices"]]
    if "regex" in found:
        shape["pattern"] = found["regex"].pattern
    is_length = type(validator).__name__ == "Length"
    low, high = ("shortest", "longest") if is_length else ("least", "most")
    for name, known in (("min", low), ("max", high)):
        if found.get(name) is not None:
            shape[known] = found[name]
    return shape


def _of_dynaconf(error: BaseException, frames: Frames) -> list[tuple[Read, Shape]]:
    file, line = _ours(frames)
    prefix = "DYNACONF"
    found: list[tuple[str, Shape]] = []
    for frame, _ in frames:
        for name in ("self", "settings"):
            # Only its class is looked at: an object of it sets itself up when it is asked anything.
            owner = frame.f_locals.get(name)
            if type(owner).__module__.startswith("dynaconf") and "Settings" in type(owner).__name__:
                inside = object.__getattribute__(owner, "__dict__")
                given = inside.get("_kwargs", inside).get("ENVVAR_PREFIX_FOR_DYNACONF", ...)
                if given is not ...:
                    prefix = given if isinstance(given, str) else ""
    for validator, _ in getattr(error, "details", None) or ():
        shape = _of_operations(getattr(validator, "operations", {}))
        found += [(name, shape) for name in validator.names]
    if not found and isinstance(error, (AttributeError, KeyError)):
        names = (frame.f_locals.get(key) for frame, _ in frames for key in ("name", "item"))
        found += [(name, {}) for name in names if isinstance(name, str)][:1]
    return [
        (
            Read(
                f"{prefix}_{name}".lstrip("_").upper().replace(".", "__"), file, line, missing=True
            ),
            shape,
        )
        for name, shape in found
    ]


def _of_operations(operations: dict[str, Any]) -> Shape:
    shape: Shape = {}
    kinds = {int: "int", float: "float", bool: "bool", list: "list", dict: "json"}
    for name, value in operations.items():
        if name == "is_type_of" and value in kinds:
            shape["kind"] = kinds[value]
        elif name == "is_in":
            shape["choices"] = [str(one) for one in value]
        elif name in ("gte", "gt", "lte", "lt"):
            shape[{"gte": "least", "gt": "above", "lte": "most", "lt": "below"}[name]] = value
        elif name in ("len_min", "len_max"):
            shape["shortest" if name == "len_min" else "longest"] = value
    return shape
