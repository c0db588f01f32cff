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
        asked = _asked(function, key) if key in known else ()
        found += [_check(key, it) for owner, it in asked if owner == ""]
    for event in _EVENTS:
        for listener in getattr(mapper.dispatch, event):
            # SQLAlchemy hands the row on by a function around the application's own.
            around = inspect.isfunction(listener)
            held = inspect.getclosurevars(listener).nonlocals if around else {}
            function = held.get("fn", listener)
            found += [_check(key, it) for key, it in _asked(function) if key in known]
    return found


def _asked(function: Callable[..., Any], key: str = "") -> Iterator[tuple[str, str]]:
    """Yield each pattern that a function raises without, and the attribute that has to have it.

    The attribute is empty for what the function is given itself, which is the value of a key.
    """
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return
    for node in _reached(tree, key):
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
                anchored = {"match": f"^(?:{pattern})", "fullmatch": f"^(?:{pattern})$"}
                yield of.attr if isinstance(of, ast.Attribute) else "", anchored.get(how, pattern)


def _reached(node: ast.AST, key: str) -> Iterator[ast.AST]:
    """Yield what a validator of several attributes does for one of them."""
    yield node
    is_of_others = isinstance(node, ast.If) and _is_of_others(node.test, key)
    for name, held in ast.iter_fields(node):
        if is_of_others and name == "body":
            continue
        for child in held if isinstance(held, list) else [held]:
            if isinstance(child, ast.AST):
                yield from _reached(child, key)


def _is_of_others(test: ast.expr, key: str) -> bool:
    """Tell whether a condition asks for other keys: `key == "phone"`, `key in ("phone", "fax")`."""
    match test:
        case ast.Compare(left=ast.Name(), ops=[ast.Eq() | ast.In()], comparators=[other]):
            named = other.elts if isinstance(other, (ast.Tuple, ast.List, ast.Set)) else [other]
            names = [one.value for one in named if isinstance(one, ast.Constant)]
            return any(isinstance(one, str) for one in names) and key not in names
    return False


def _check(key: str, pattern: str) -> Check:
    def holds(row: Row) -> bool:
        return row.get(key) is None or re.search(pattern, str(row[key])) is not None

    return Check(pattern, columns={key}, patterns=[("regex", pattern)], node=holds)
