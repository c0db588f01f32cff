"""Fields of settings classes of pydantic: the variable that sets each, and what it has to be."""

from __future__ import annotations

import enum
import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from test_harness.demands.grammar import Shape, choices_of, walk_functions
from test_harness.demands.reads import Read, is_of_the_project, is_stage
from test_harness.demands.shapes import Frames
from test_harness.demands.statements import declared_at

# By the name of a type, which pydantic has in more than one module.
_KINDS = (
    (re.compile(r"(Postgres|MySQL|MariaDB|Cockroach)Dsn"), "database"),
    (re.compile(r"RedisDsn"), "redis"),
    (re.compile(r"\w*(Url|Dsn)$"), "url"),
    (re.compile(r"(Email|Name)\w*Str|EmailStr"), "email"),
    (re.compile(r"FilePath"), "file"),
    (re.compile(r"DirectoryPath"), "folder"),
    (re.compile(r"Path|NewPath"), "path"),
    (re.compile(r"IPv\w+"), "ip"),
    (re.compile(r"UUID\d?"), "uuid"),
    (re.compile(r"date(time)?|\w+Date(time)?"), "date"),
    (re.compile(r"ZoneInfo|TimeZoneName"), "timezone"),
    (re.compile(r"timedelta"), "int"),
    (re.compile(r"bool"), "bool"),
    (re.compile(r"int"), "int"),
    (re.compile(r"float|Decimal"), "float"),
    (re.compile(r"ByteSize"), "int"),
    (re.compile(r"list|set|tuple|frozenset|Sequence|List|Set"), "list"),
    (re.compile(r"dict|Dict|Mapping|Json\w*"), "json"),
    (re.compile(r"Base64\w*|EncodedBytes"), "base64"),
)
# What conditions on a type are called, by pydantic and by annotated-types, and here.
_CONDITIONS = {
    "ge": "least", "gt": "above", "le": "most", "lt": "below", "multiple_of": "multiple_of",
    "min_length": "shortest", "max_length": "longest", "pattern": "pattern",
}  # fmt: skip
_DEEPEST = 4


@dataclass(frozen=True)
class Field:
    """A field of a settings class.

    Attributes:
        variable: What sets it.
        place: `file:line` of where it is declared.
        shape: What it has to be.
        read: The same as if it had been read from the environment.
    """

    variable: str
    shape: Shape
    read: Read


def refused(error: BaseException, frames: Frames) -> list[Field]:
    """Return the fields that a settings class refuses or lacks; empty for another error."""
    kind = _class_of(error, frames)
    if kind is None:
        return []
    if type(error).__name__ == "SettingsError":
        name = next(
            (frame.f_locals["field_name"] for frame, _ in frames if "field_name" in frame.f_locals),
            "",
        )
        return [_field(kind, (name,), {})] if name in _fields(kind) else []
    found: dict[str, Field] = {}
    errors = error.errors()  # type: ignore[attr-defined]
    by_validators = any(one.get("type") in ("value_error", "assertion_error") for one in errors)
    if by_validators and (stage := _stage_of_production(kind)):
        return [stage]
    for one in errors:
        place = tuple(one["loc"])
        field = _field(kind, place, one) if {*place[:1]} - _given_by_code(frames) else None
        if field is not None:
            found.setdefault(field.variable, field)
    return [*found.values()] or [*_named_by(error, kind)]


def is_about_the_code(error: BaseException, frames: Frames) -> bool:
    """Tell whether a settings class refuses nothing but what the code itself makes it with."""
    by_code = _given_by_code(frames)
    if _class_of(error, frames) is None or type(error).__name__ == "SettingsError":
        return False
    return all({*one["loc"][:1]} & by_code for one in error.errors())  # type: ignore[attr-defined]


def _given_by_code(frames: Frames) -> set[str]:
    """Return the fields that a class is made with in the code, whatever the environment says."""
    given = [
        frame.f_locals["values"]
        for frame, _ in frames
        if frame.f_code.co_name == "__init__" and isinstance(frame.f_locals.get("values"), dict)
    ]
    known = {*os.environ.values()}
    return {name for values in given for name, one in values.items() if str(one) not in known}


def _stage_of_production(kind: Any) -> Field | None:
    """Return the field whose default is production, unless something else is set for it."""
    for name, one in _fields(kind).items():
        default = getattr(one, "default", None)
        text = str(getattr(default, "value", default))
        if is_stage(name) and text.lower().startswith("prod"):
            field: Field = _field(kind, (name,), {})
            return field if field.read.missing else None
    return None


def declared() -> Iterator[Field]:
    """Return every field of every settings class that there is, with the variable that sets it."""
    for kind in _settings_classes():
        for name in _fields(kind):
            yield _field(kind, (name,), {})


def _settings_classes() -> Iterator[Any]:
    for module in ("pydantic_settings", "pydantic.v1", "pydantic"):
        base = vars(sys.modules[module]).get("BaseSettings") if module in sys.modules else None
        pending = [base] if base is not None else []
        while pending:
            below = pending.pop().__subclasses__()
            pending += below
            yield from (kind for kind in below if is_of_the_project(_file(kind)))


def _file(kind: Any) -> str:
    """Return the file of a class, whose module is gone once its import has failed."""
    name = kind.__module__.replace(".", "/")
    known = getattr(sys.modules.get(kind.__module__), "__file__", None)
    ends = (f"{name}.py", f"{name}/__init__.py")
    found = (Path(root, end) for root in sys.path for end in ends)
    return known or next((str(path.resolve()) for path in found if path.is_file()), "<none>")


def _class_of(error: BaseException, frames: Frames) -> Any:
    """Return the settings class whose values were not accepted."""
    if type(error).__name__ not in ("ValidationError", "SettingsError"):
        return None
    title = getattr(error, "title", None) or getattr(
        getattr(error, "model", None), "__name__", None
    )
    for frame, _ in frames:
        for name in ("__pydantic_self__", "self", "cls", "settings_cls"):
            found = frame.f_locals.get(name)
            kind: Any = found if issubclass(type(found), type) else type(found)
            if "Source" in kind.__name__:
                kind = getattr(found, "settings_cls", kind)
            if _is_settings(kind) and title in (None, kind.__name__, _config(kind).get("title")):
                return kind
    return None


def _is_settings(kind: Any) -> bool:
    names = {base.__name__ for base in getattr(kind, "__mro__", ())}
    return "BaseSettings" in names and kind.__name__ != "BaseSettings"


def _fields(kind: Any) -> dict[str, Any]:
    found: dict[str, Any] = getattr(kind, "model_fields", None) or getattr(kind, "__fields__", {})
    return found


def _config(kind: Any) -> dict[str, Any]:
    config = getattr(kind, "model_config", None)
    if config is None:
        old = getattr(kind, "__config__", None)
        names = ("env_prefix", "env_nested_delimiter", "case_sensitive", "title")
        config = {name: getattr(old, name, None) for name in names}
    return dict(config)


def _field(kind: Any, location: tuple[Any, ...], said: Any) -> Any:
    """Return the field that the location of an error leads to, None where there is none."""
    fields = _fields(kind)
    name = next((it for it, one in fields.items() if location[0] in _names(it, one)), None)
    if name is None:
        return None
    config, field = _config(kind), fields[name]
    variable = _variable(name, field, config)
    path, owner, delimiter = [name], kind, config.get("env_nested_delimiter")
    place = _place(kind, name)
    for inner in location[1:_DEEPEST]:
        group = _group(_annotation(field))
        if group is None or not delimiter:
            break
        inner_name = next(
            (it for it, one in _fields(group).items() if inner in _names(it, one)), None
        )
        if inner_name is None:
            break
        owner, field = group, _fields(group)[inner_name]
        variable += f"{delimiter}{inner_name}"
        path.append(inner_name)
        place = _place(owner, inner_name) or place
    if not config.get("case_sensitive"):
        variable = variable.upper()
    shape = _shape(_annotation(field), _metadata(field))
    context = said.get("ctx") or {}
    if "expected_schemes" in context:
        shape["schemes"] = re.findall(r"'([^']+)'", str(context["expected_schemes"]))
    if said.get("type") in ("value_error", "assertion_error"):
        shape.update(walk_functions(_validators(owner, path[-1])))
        text, given = str(said.get("msg", "")).partition(", ")[2], str(said.get("input", ""))
        if text and not (len(given) > 2 and given in text):
            shape["said"] = text
    file, line = place or ("", 0)
    missing = variable not in {
        key if config.get("case_sensitive") else key.upper() for key in os.environ
    }
    return Field(variable, shape, Read(variable, file, line, missing, known_as=path[-1]))


def _names(name: str, field: Any) -> list[str]:
    """Return what an error may call a field: its name, or one of its aliases."""
    alias = getattr(field, "validation_alias", None) or getattr(field, "alias", None)
    choices = getattr(alias, "choices", [alias])
    return [name, *(one for one in choices if isinstance(one, str))]


def _variable(name: str, field: Any, config: dict[str, Any]) -> str:
    old = getattr(getattr(field, "field_info", None), "extra", {}).get("env_names")
    if old:  # of pydantic 1
        return str(next(iter(sorted(old))))
    aliases = _names(name, field)[1:]
    if aliases and getattr(field, "validation_alias", None):
        return str(aliases[0])
    return f"{config.get('env_prefix') or ''}{name}"


def _annotation(field: Any) -> Any:
    return getattr(field, "annotation", None) or getattr(field, "outer_type_", None)


def _metadata(field: Any) -> list[Any]:
    return [*(getattr(field, "metadata", None) or ()), getattr(field, "field_info", None)]


def _group(annotation: Any) -> Any:
    """Return the class with fields of its own that an annotation has in it."""
    for one in (annotation, *get_args(annotation)):
        if isinstance(one, type) and _fields(one):
            return one
    return None


def _place(kind: Any, name: str) -> tuple[str, int] | None:
    for owner in kind.__mro__:
        file = _file(owner)
        line = declared_at(file, owner.__name__, name) if is_of_the_project(file) else 0
        if line:
            return file, line
    return None


def _shape(annotation: Any, metadata: list[Any]) -> Shape:
    shape: Shape = {}
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _shape(arguments[0], [*arguments[1:], *metadata])
    if origin in (Union, UnionType):
        first = next((one for one in arguments if one is not type(None)), str)
        return _shape(first, metadata)
    if origin is Literal:
        return {"choices": [str(one) for one in arguments]}
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return {"choices": choices_of(annotation)}
    if _fields(annotation):
        return {"kind": "json", "example": json.dumps(_object(annotation))}
    name = getattr(origin or annotation, "__name__", "")
    shape["kind"] = next((kind for pattern, kind in _KINDS if pattern.fullmatch(name)), "text")
    if shape["kind"] == "list" and arguments and "min_length" in str(metadata):
        shape["item"] = _shape(arguments[0], [])
    schemes = getattr(getattr(annotation, "_constraints", None), "allowed_schemes", None)
    if schemes:
        shape["schemes"] = [*schemes]
    for one in metadata:
        if type(one).__name__ == "PathType":
            shape["kind"] = {"file": "file", "dir": "folder"}.get(one.path_type, "path")
        for given, known in _CONDITIONS.items():
            value = getattr(one, given, None)
            if value is not None and not callable(value):
                shape[known] = getattr(value, "pattern", value)
    return shape


def _object(kind: Any, depth: int = 0) -> dict[str, Any]:
    """Return what a group has to have in it, each by its name."""
    from test_harness.demands.values import values_for

    found: dict[str, Any] = {}
    for name, field in _fields(kind).items():
        is_required = getattr(field, "is_required", None)
        if not (is_required() if callable(is_required) else getattr(field, "required", False)):
            continue
        group = _group(_annotation(field))
        if group is not None and depth < _DEEPEST:
            found[_names(name, field)[-1]] = _object(group, depth + 1)
            continue
        text = values_for(name.upper(), _shape(_annotation(field), _metadata(field)))[0]
        found[_names(name, field)[-1]] = json.loads(text) if text[:1] in "[{" else text
    return found


def _validators(kind: Any, name: str) -> Iterator[Any]:
    """Return the functions that a field, or all of them together, are checked by."""
    decorators = getattr(kind, "__pydantic_decorators__", None)
    for group in ("field_validators", "validators"):
        for one in getattr(decorators, group, {}).values():
            if name in one.info.fields or "*" in one.info.fields:
                yield getattr(one.func, "__func__", one.func)
    for one in _metadata(_fields(kind)[name]):
        function = getattr(one, "func", None)
        if callable(function):
            yield function


def _named_by(error: BaseException, kind: Any) -> Iterator[Field]:
    """Return the fields that a validator of the whole class names in what it says."""
    said = str(error).lower()
    decorators = getattr(getattr(kind, "__pydantic_decorators__", None), "model_validators", {})
    grammar = walk_functions(one.func for one in decorators.values()) if said else {}
    for name in _fields(kind):
        field = _field(kind, (name,), {})
        if re.search(rf"\b({re.escape(name.lower())}|{re.escape(field.variable.lower())})\b", said):
            kept: Shape = {
                key: grammar[key] for key in ("shortest", "start", "contains") if key in grammar
            }
            yield Field(field.variable, {**field.shape, **kept}, field.read)
