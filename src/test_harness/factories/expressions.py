"""A value as it is written in a factory: a Python expression, of `n` where each row has another."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from factory.declarations import (
    LazyAttribute,
    LazyFunction,
    SelfAttribute,
    Sequence,
    SubFactory,
)

from test_harness.factories.patterns import letters

# Whatever an expression may name without saying where it is from.
KNOWN: dict[str, Any] = {
    one.__name__: one
    for one in (
        date, datetime, time, timedelta, timezone, Decimal, UUID, uuid4, letters,
        LazyAttribute, LazyFunction, SelfAttribute, Sequence, SubFactory,
    )
}  # fmt: skip


@dataclass(frozen=True)
class Value:
    """An expression for the value of a column.

    `names` are the objects it names beside those of KNOWN. `capacity` is how many values it has;
    None when there is always another one.
    """

    text: str
    names: Mapping[str, Any] = field(default_factory=dict, hash=False, compare=False)
    capacity: int | None = None

    @cached_property
    def varies(self) -> bool:
        """Whether each row has another value."""
        return "n" in names_in(self.text)

    @cached_property
    def _made(self) -> Callable[[int], Any]:
        return evaluate(f"lambda n: {self.text}", self.names)  # type: ignore[no-any-return]

    def at(self, n: int) -> Any:
        """Return the value of row `n`, counted from 0."""
        return self._made(n)

    @cached_property
    def declaration(self) -> str:
        """What stands behind the equals sign in a factory."""
        if self.varies:
            return f"Sequence(lambda n: {self.text})"
        if self.text.endswith("()") and self.text[:-2].isidentifier():
            return f"LazyFunction({self.text[:-2]})"
        # One and the same list for all rows would be shared by them.
        if self.text in {"{}", "[]"}:
            return f"LazyFunction({'dict' if self.text == '{}' else 'list'})"
        if self.text.startswith(("{", "[")):
            return f"LazyFunction(lambda: {self.text})"
        return self.text


def evaluate(text: str, names: Mapping[str, Any]) -> Any:
    """Return what an expression of this package stands for."""
    return eval(text, {**KNOWN, **names})  # noqa: S307 - written by this package


def names_in(text: str) -> set[str]:
    """Return the names an expression uses."""
    return {
        node.id for node in ast.walk(ast.parse(text, mode="eval")) if isinstance(node, ast.Name)
    }


def written(value: Any) -> Value:
    """Return the expression for an object: a literal, or a member of an enum."""
    kind = type(value)
    if hasattr(kind, "__members__"):
        top, *_ = kind.__qualname__.split(".")
        owner = getattr(sys.modules.get(kind.__module__), top, kind)
        return Value(f"{kind.__qualname__}.{value.name}", {top: owner})
    if isinstance(value, datetime):
        zone = ", tzinfo=timezone.utc" if value.tzinfo else ""
        clock = "" if value.time() == time() else f", {value.hour}, {value.minute}"
        return Value(f"datetime({value.year}, {value.month}, {value.day}{clock}{zone})")
    if isinstance(value, date):
        return Value(f"date({value.year}, {value.month}, {value.day})")
    if isinstance(value, Decimal):
        return Value(f'Decimal("{value}")')
    if isinstance(value, str):
        return Value(quoted(value))
    return Value(repr(value))


def quoted(text: str) -> str:
    """Return a text as a literal, in the quotes that formatters prefer."""
    literal = repr(text)
    if literal.startswith("'") and '"' not in text:
        return f'"{literal[1:-1]}"'
    return literal
