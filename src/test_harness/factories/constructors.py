"""What the constructor of a mapped class takes, and what it gives where nothing is said."""

from __future__ import annotations

import dataclasses
import inspect
import typing
from typing import Any

LEFT_ALONE: Any = object()
"""Stands for a default that only the database, or a function, knows."""


def annotations_of(model: type[Any]) -> dict[str, Any]:
    """Return what `Mapped[...]` says of each attribute, without the option of None."""
    return {key: _without_none(hint) for key, hint in _hints_of(model).items()}


def says_of_none(model: type[Any]) -> dict[str, bool]:
    """Return whether `Mapped[...]` says of an attribute that it may hold nothing."""
    return {
        key: hint is None or hint is Any or type(None) in typing.get_args(hint)
        for key, hint in _hints_of(model).items()
    }


def _hints_of(model: type[Any]) -> dict[str, Any]:
    try:
        hints = typing.get_type_hints(model)
    except (NameError, TypeError, AttributeError):
        return {}
    found = {}
    for key, hint in hints.items():
        inner = typing.get_args(hint)
        is_mapped = getattr(typing.get_origin(hint), "__module__", "").startswith("sqlalchemy")
        found[key] = inner[0] if is_mapped and inner else hint
    return found


def _without_none(hint: Any) -> Any:
    options = [part for part in typing.get_args(hint) if part is not type(None)]
    is_optional = type(None) in typing.get_args(hint) and len(options) == 1
    return options[0] if is_optional else hint


def defaults_of_constructor(model: type[Any]) -> dict[str, Any]:
    """Return what the constructor itself gives where nothing is said: dataclasses and SQLModel."""
    found = {}
    if dataclasses.is_dataclass(model):
        for one in dataclasses.fields(model):
            if one.default_factory is not dataclasses.MISSING:
                found[one.name] = LEFT_ALONE
            elif one.default is not dataclasses.MISSING and one.init:
                found[one.name] = one.default
    for name, one in getattr(model, "model_fields", {}).items():
        if one.default_factory is not None:
            found[name] = LEFT_ALONE
        elif not one.is_required():
            found[name] = one.default
    # A default of None says nothing about a column that may not be empty.
    return {name: value for name, value in found.items() if _says_something(value)}


def default_factory(model: type[Any], name: str) -> Any:
    """Return the function with which a dataclass or SQLModel makes a default; None without one."""
    if dataclasses.is_dataclass(model):
        for one in dataclasses.fields(model):
            if one.name == name and one.default_factory is not dataclasses.MISSING:
                return one.default_factory
    return getattr(getattr(model, "model_fields", {}).get(name), "default_factory", None)


def _says_something(value: Any) -> bool:
    return (
        isinstance(value, (str, int, float))
        or value is LEFT_ALONE
        or (value is not None and not type(value).__module__.startswith("sqlalchemy"))
    )


def has_own_constructor(model: type[Any]) -> bool:
    """Tell whether the application wrote the constructor."""
    made = dataclasses.is_dataclass(model) or hasattr(model, "model_fields")
    written: Any = getattr(model.__init__, "_sa_original_init", model.__init__)
    return not made and not str(written.__module__).startswith("sqlalchemy")


def takes(model: type[Any]) -> tuple[set[str] | None, list[str]]:
    """Return what the constructor takes, None for everything, and what it has to be given."""
    parameters = list(inspect.signature(model).parameters.values())
    # SQLModel takes relationships as well, which its signature does not tell.
    if hasattr(model, "model_fields"):
        return None, []
    named = [one for one in parameters if one.kind in {one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY}]
    wanted = [one.name for one in named if one.default is one.empty]
    if any(one.kind is one.VAR_KEYWORD for one in parameters):
        return None, wanted
    return {one.name for one in named}, wanted
