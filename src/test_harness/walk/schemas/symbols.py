"""What an expression of a view stands for, as far as it matters what a request has to have."""

from __future__ import annotations

import inspect
import sys
from dataclasses import dataclass
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

# What is read off a request, by the place that it is sent in: names of Flask, Starlette, Litestar.
PLACES = {
    "json": "json",
    "get_json": "json",
    "form": "form",
    "files": "files",
    "args": "query",
    "query_params": "query",
    "headers": "header",
    "cookies": "cookie",
    "values": "values",
    "data": "raw",
    "get_data": "raw",
    "body": "raw",
    "stream": "raw",
    "path_params": "path",
    "view_args": "path",
}


class Asked:
    """The request itself."""


@dataclass(frozen=True)
class Part:
    """Something that was sent.

    Args:
        place: Where it was sent: one of `PLACES`.
        path: The keys that lead to it; 0 for any item of a list.
    """

    place: str
    path: tuple[str | int, ...] = ()

    def below(self, key: str | int) -> Part:
        """Return what lies under a key of it."""
        return Part(self.place, (*self.path, key))


@dataclass(frozen=True, eq=False)
class Live:
    """A value that is there without any request: a class, a function, a constant."""

    value: Any


@dataclass(frozen=True, eq=False)
class Instance:
    """An object that a request makes or finds, of a class that is known."""

    kind: type


@dataclass(frozen=True, eq=False)
class Method:
    """What was asked of an object by name, and may be called."""

    owner: Any
    name: str


@dataclass(frozen=True, eq=False)
class Adapter:
    """What checks values against a type: pydantic's `TypeAdapter`, or a decoder of msgspec."""

    kind: Any


Symbol = Asked | Part | Live | Instance | Method | Adapter | None

_HARMLESS = (
    FunctionType, BuiltinFunctionType, MethodType, classmethod, staticmethod, type, str, int, float,
    tuple, list, dict, set, frozenset,
)  # fmt: skip


def live(value: Any) -> Symbol:
    """Return what a value of the application stands for.

    Args:
        value: It is never called, and nothing is asked of it that would run code.
    """
    if type(value).__name__ == "LocalProxy":
        frameworks = (sys.modules.get(name) for name in ("flask", "quart"))
        is_request = any(value is getattr(one, "request", one) for one in frameworks if one)
        return Asked() if is_request else None
    return Live(value)


def attribute(owner: Symbol, name: str) -> Symbol:
    """Return what an attribute stands for."""
    match owner:
        case Asked():
            return Part(PLACES[name]) if name in PLACES else None
        case Live(value=ModuleType() as module):
            return live(getattr(module, name, None))
        case Live(value=type() as kind):
            return _of_class(kind, name)
        case Live(value=value):
            held = getattr(value, "__dict__", {}).get(name)
        case Instance(kind=kind):
            held = _kept_by(kind, name)
        case None:
            return None
        case _:
            held = None
    return Method(owner, name) if held is None else live(held)


def _kept_by(kind: type, name: str) -> Any:
    """Return what the class of an object has under a name, but for what is called or made there."""
    held = inspect.getattr_static(kind, name, None)
    if isinstance(held, _HARMLESS):
        return None if callable(held) else held
    return held if type(held).__module__ != "builtins" else None


def _of_class(kind: type, name: str) -> Symbol:
    held = inspect.getattr_static(kind, name, None)
    is_builtin = type(held).__name__ in ("classmethod_descriptor", "method_descriptor")
    if isinstance(held, _HARMLESS) or is_builtin or hasattr(held, "property"):
        return live(getattr(kind, name))
    if hasattr(kind, "__mapper__"):
        return Method(Instance(kind), name)
    return None if held is None else live(held)
