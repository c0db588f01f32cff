"""Whether there is surely something to go through, as far as a test says."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from test_harness.suite.reading.names import constant, dotted, keyword, root_name, value_of
from test_harness.suite.reading.scopes import Scope

# What goes through another thing, and has as much as that.
THROUGH = {"enumerate", "sorted", "list", "tuple", "reversed", "set", "zip", "iter", "dict"}
VIEWS = {"items", "keys", "values"}
# Methods whose answer is never empty.
NEVER_EMPTY = {"split", "create_batch", "build_batch"}
ADDS = {"append", "add", "extend"}


def has_some(node: ast.expr, scope: Scope) -> bool:
    """Tell whether there is surely something to go through.

    Args:
        node: What a loop goes through.
        scope: The function that it stands in.
    """
    by_kind = _BY_KIND.get(type(node))
    return by_kind is not None and by_kind(node, scope)


def _of_elements(node: Any, scope: Scope) -> bool:
    return any(not isinstance(one, ast.Starred) for one in node.elts)


def _of_keys(node: ast.Dict, scope: Scope) -> bool:
    return any(key is not None for key in node.keys)


def _of_constant(node: ast.Constant, scope: Scope) -> bool:
    return bool(node.value)


def _of_inner(node: Any, scope: Scope) -> bool:
    return has_some(node.value, scope)


def _of_name(node: ast.Name, scope: Scope) -> bool:
    if node.id in scope.parameters:
        return True  # whoever hands it over decides
    given = _given(node.id, scope)
    if given is None:
        return not _is_local(node.id, scope)
    if any(isinstance(one, (ast.List, ast.Set)) and not one.elts for one in given):
        return _is_filled(node.id, scope)
    return bool(given) and all(has_some(one, scope) for one in given)


def _of_call(node: ast.Call, scope: Scope) -> bool:
    name = dotted(node.func).rpartition(".")[2]
    if name == "range":
        numbers = [constant(one) for one in node.args]
        return numbers != [0] and bool(numbers)
    if name == "zip" and constant(keyword(node, "strict")) is True:
        return any(has_some(one, scope) for one in node.args)
    if name in THROUGH and isinstance(node.func, ast.Name):
        return bool(node.args) and all(has_some(one, scope) for one in node.args)
    if name in ("gather", "map", "chain"):
        return bool(node.args) and has_some(node.args[-1], scope)
    if isinstance(node.func, ast.Attribute) and node.func.attr in VIEWS:
        return has_some(node.func.value, scope)
    return getattr(node.func, "attr", name) in NEVER_EMPTY or name == "product"


def _of_comprehension(node: Any, scope: Scope) -> bool:
    source = node.generators[0]
    return not source.ifs and has_some(source.iter, scope)


def _of_operation(node: ast.BinOp, scope: Scope) -> bool:
    if isinstance(node.op, ast.Mult):
        return has_some(node.left, scope)
    return isinstance(node.op, ast.Add) and (
        has_some(node.left, scope) or has_some(node.right, scope)
    )


def _of_attribute(node: ast.Attribute, scope: Scope) -> bool:
    # A part of a module or a class is what it is: an enumeration, a table.
    return not _is_local(root_name(node), scope)


_BY_KIND: dict[type[ast.AST], Callable[[Any, Scope], bool]] = {
    ast.List: _of_elements,
    ast.Tuple: _of_elements,
    ast.Set: _of_elements,
    ast.Dict: _of_keys,
    ast.Constant: _of_constant,
    ast.Starred: _of_inner,
    ast.Await: _of_inner,
    ast.Name: _of_name,
    ast.Call: _of_call,
    ast.ListComp: _of_comprehension,
    ast.GeneratorExp: _of_comprehension,
    ast.SetComp: _of_comprehension,
    ast.BinOp: _of_operation,
    ast.Attribute: _of_attribute,
}


def written(node: ast.expr, scope: Scope) -> int | None:
    """Return how many cases are written down there; None where they come from somewhere else."""
    if isinstance(node, ast.Name):
        value = value_of(node.id, scope)
        node = value if value is not None else node
    if isinstance(node, ast.Call):
        if getattr(node.func, "attr", "") in ("items", "keys", "values"):
            return written(node.func.value, scope)  # type: ignore[attr-defined]
        if dotted(node.func) in ("enumerate", "sorted", "list", "tuple") and node.args:
            return written(node.args[0], scope)
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        is_whole = not any(isinstance(one, ast.Starred) for one in node.elts)
        return len(node.elts) if is_whole else None
    return len(node.keys) if isinstance(node, ast.Dict) else None


def _given(name: str, scope: Scope) -> list[ast.expr] | None:
    """Return all that a name is given; None where that is not written there."""
    at: Scope | None = scope
    while at is not None:
        if name in at.names:
            given = at.names[name]
            return None if None in given else [one for one in given if one is not None]
        at = at.above
    return None


def _is_local(name: str, scope: Scope) -> bool:
    return name in scope.names or name in scope.parameters


def _is_filled(name: str, scope: Scope) -> bool:
    """Tell whether a function surely adds something to a list of its own."""
    for called in scope.calls:
        if called.name not in ADDS or root_name(called.node.func) != name:
            continue
        kinds = {place.kind for place in called.place.within()} - {"def", "with", "try"}
        loop = called.place.node
        if not kinds or (
            kinds == {"for"}
            and isinstance(loop, (ast.For, ast.AsyncFor))
            and has_some(loop.iter, scope)
        ):
            return True
    return False
