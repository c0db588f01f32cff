"""One call in the code of a view, and what the parameters of what is called stand for in it."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from test_harness.walk.schemas.annotations import is_model, schema_of
from test_harness.walk.schemas.sources import Source
from test_harness.walk.schemas.symbols import Adapter, Instance, Live, Part, Symbol
from test_harness.walk.schemas.uses import Uses

# What makes a value into one of a type.
CONVERTERS = (int, float, bool, str, UUID, Decimal)


@dataclass(frozen=True)
class Call:
    """One call.

    Args:
        target: What is called.
        given: Its arguments by position.
        named: Those by name.
        spread: What is handed over as `**`.
    """

    target: Symbol
    given: Sequence[Symbol] = ()
    named: dict[str, Symbol] = field(default_factory=dict)
    spread: Sequence[Symbol] = ()

    @property
    def first(self) -> Symbol:
        """The first argument."""
        return self.given[0] if self.given else None

    @property
    def second(self) -> Symbol:
        """The second argument."""
        return self.given[1] if len(self.given) > 1 else None

    @property
    def everything(self) -> list[Symbol]:
        """All arguments."""
        return [*self.given, *self.named.values(), *self.spread]


def constants(symbol: Symbol) -> list[str]:
    """Return the texts that a value is, or has."""
    value = symbol.value if isinstance(symbol, Live) else None
    if isinstance(value, str):
        return [value]
    several = list(value) if isinstance(value, (list, tuple, set, frozenset, dict)) else []
    return sorted(several, key=str) if all(isinstance(one, str) for one in several) else []


def generic(value: Any, key: Any) -> Symbol:
    """Return what `value[key]` stands for: `list[Item]`, or an entry of a constant."""
    if isinstance(value, (dict, list, tuple)) or hasattr(value, "__class_getitem__"):
        try:
            return Live(value[key])
        except Exception:  # noqa: BLE001 - what subscripts a class is the application's
            return None
    return None


def is_checked_with(symbol: Symbol) -> bool:
    """Tell whether something is a model, or a schema."""
    if isinstance(symbol, Instance):
        return is_model(symbol.kind)
    return isinstance(symbol, Adapter) or (isinstance(symbol, Live) and is_model(symbol.value))


def bound(uses: Uses, source: Source, call: Call, owner: Symbol) -> dict[str, Symbol]:
    """Return what the parameters of a function stand for in a call."""
    listed = source.node.args
    names = [one.arg for one in [*listed.posonlyargs, *listed.args]]
    given = [*([owner] if owner is not None else []), *call.given]
    if owner is None and names[:1] in (["self"], ["cls"]):
        names = names[1:]
    known = dict(zip(names, given, strict=False)) | call.named
    others = [one for one in [*names, *(one.arg for one in listed.kwonlyargs)] if one not in known]
    defaults = inspect.signature(source.function).parameters
    for name in others:
        default = defaults[name].default if name in defaults else inspect.Parameter.empty
        has_none = default is inspect.Parameter.empty
        for part in call.spread:
            if isinstance(part, Part):
                known[name] = uses.key(part, name, needed=has_none)
        if name not in known and not has_none:
            known[name] = Live(default)
    for part in call.spread:
        if listed.kwarg and isinstance(part, Part):
            known[listed.kwarg.arg] = part
    for name, symbol in known.items():
        kind = source.function.__annotations__.get(name)
        if isinstance(symbol, Part) and symbol.path and kind in (*CONVERTERS, date, datetime):
            uses.is_of(symbol, schema_of(kind))
    return known
