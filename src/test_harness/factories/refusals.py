"""Patterns that a class's own validators and listeners refuse a value by, as CHECK constraints.

They are read off the code: `if not re.match(PATTERN, target.phone): raise ...`.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Collection, Iterator
from typing import Any

from sqlalchemy.orm import Mapper

from test_harness.factories.terms import Check
from test_harness.factories.truth import Row

_EVENTS = ("before_insert", "before_update")


def refusals_of(mapper: Mapper[Any], known: Collection[str]) -> list[Check]:
    """Return what validators and listeners of a class ask of its values, as far as it is a pattern.

    Args:
        mapper: That of the class.
        known: The attributes that have a column.
    """
    found = []
    validators: Any = mapper.validators
    for key, (function, _) in validators.items():
        # `def check(self, key, value)`
        found += [_check(key, it) for owner, it in _asked(function) if owner == "" and key in known]
    for event in _EVENTS:
        for listener in getattr(mapper.dispatch, event):
            # SQLAlchemy hands the row on by a function around the application's own.
            function = inspect.getclosurevars(listener).nonlocals.get("fn", listener)
            found += [_check(key, it) for key, it in _asked(function) if key in known]
    return found


def _asked(function: Callable[..., Any]) -> Iterator[tuple[str, str]]:
    """Yield each pattern that a function raises without, and the attribute that has to have it.

    The attribute is empty for what the function is given itself.
    """
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return
    for node in ast.walk(tree):
        match node:
            case ast.If(
                test=ast.UnaryOp(
                    op=ast.Not(),
                    operand=ast.Call(
                        func=ast.Attribute(value=ast.Name(id="re"), attr=how),
                        args=[ast.Constant(value=str(pattern)), of, *_],
                    ),
                ),
                body=[*_, ast.Raise()],
            ) if how in {"match", "fullmatch", "search"}:
                anchored = {"match": f"^{pattern}", "fullmatch": f"^(?:{pattern})$"}
                yield of.attr if isinstance(of, ast.Attribute) else "", anchored.get(how, pattern)


def _check(key: str, pattern: str) -> Check:
    def holds(row: Row) -> bool:
        return row.get(key) is None or re.search(pattern, str(row[key])) is not None

    return Check(pattern, columns={key}, patterns=[("regex", pattern)], node=holds)
