"""Drops one condition of a query: whose rows it has, none that was deleted, what was asked for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import partial

from test_harness.suite.sabotage.module import Change, Module
from test_harness.suite.sabotage.words import last_name, shown

KIND = "filter"
_WHOSE = re.compile(
    r"^(owner|user|tenant|org|organi[sz]ation|account|team|workspace|company|author|creator|"
    r"created_by|customer|member|membership|project|shop|store|group|client)s?(_?(id|uuid|key|pk))?$"
)
_DELETED = re.compile(r"^(is_)?(soft_?)?(deleted|removed|trashed|archived)(_?(at|on))?$")
_ADVICE = {
    "owner": "Make a row of somebody else, ask for it and for the list, and expect 404 and only "
    "the own rows: assert_not_found does that.",
    "deleted": "Delete a row, ask for it and for the list, and expect it nowhere: "
    "assert_soft_deleted does that.",
    "asked": "Ask for the list with the filter, with rows on both sides of it, and compare all of "
    "what is answered.",
}


def changes(module: Module) -> Iterator[Change]:
    """Yield each condition that can be left out."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr in {"where", "filter"}:
            for one in node.args:
                yield from _conditions(module, node, one)
        elif node.func.attr == "filter_by":
            for given in node.keywords:
                kind = _kind_of_column(given.arg or "")
                if kind:
                    what = f"drops the condition {given.arg} == {shown(given.value)}"
                    apply = partial(node.keywords.remove, given)
                    yield Change(given.value, what, _ADVICE[kind], apply)


def _conditions(module: Module, call: ast.Call, node: ast.expr) -> Iterator[Change]:
    if isinstance(node, ast.Call) and last_name(node.func) == "and_":
        for one in node.args:
            yield from _conditions(module, call, one)
        return
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd):
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if kind := _kind(module, call, one):
                yield _change(kind, one, partial(module.replace, node, other))
        return
    if kind := _kind(module, call, node):
        is_alone = len(call.args) == 1 and node in call.args and not call.keywords
        receiver = call.func.value if isinstance(call.func, ast.Attribute) else node
        apply = (
            partial(module.replace, call, receiver)
            if is_alone
            else partial(module.replace, node, None)
        )
        yield _change(kind, node, apply)


def _change(kind: str, node: ast.expr, apply: partial[None]) -> Change:
    return Change(node, f"drops the condition {shown(node)}", _ADVICE[kind], apply)


def _kind(module: Module, call: ast.Call, node: ast.expr) -> str:
    """Return what a condition is about; empty for what a row is looked for by."""
    names = [one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)]
    compared = _columns(node)
    for name in compared:
        if kind := _kind_of_column(name):
            return kind
    if any(_DELETED.match(name) for name in names):
        return "deleted"
    return "asked" if compared and _is_added(module, call) else ""


def _columns(node: ast.expr) -> list[str]:
    """Return the columns that a condition compares."""
    if isinstance(node, ast.Compare):
        sides: list[ast.expr] = [node.left, *node.comparators]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        sides = [node.func.value]
    elif isinstance(node, ast.UnaryOp):
        sides = [node.operand]
    else:
        sides = [node]
    return [
        one.attr
        for one in sides
        if isinstance(one, ast.Attribute) and last_name(one.value)[:1].isupper()
    ]


def _kind_of_column(name: str) -> str:
    if _DELETED.match(name):
        return "deleted"
    return "owner" if _WHOSE.match(name) else ""


def _is_added(module: Module, node: ast.AST) -> bool:
    """Tell whether a condition is added to a query that there is: `q = q.where(...)`."""
    found: ast.AST | None = node
    while found is not None and not isinstance(found, ast.Assign):
        found = module.parents.get(found)
    if found is None:
        return False
    targets = {last_name(target) for target in found.targets}
    return any(isinstance(one, ast.Name) and one.id in targets for one in ast.walk(found.value))
