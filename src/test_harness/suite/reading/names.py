"""What names stand for, as far as one file says."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from test_harness.suite.reading.scopes import Module, Scope


def dotted(node: ast.AST) -> str:
    """Return `a.b.c` as it is written; nothing for what is no name."""
    parts: list[str] = []
    while type(node) is ast.Attribute:
        parts.append(node.attr)
        node = node.value
    if type(node) is not ast.Name:
        return ""
    parts.append(node.id)
    return ".".join(reversed(parts))


def full_name(node: ast.AST, module: Module) -> str:
    """Return a name with what was imported written out: `sleep` is `time.sleep`."""
    first, dot, rest = dotted(node).partition(".")
    return f"{module.imports.get(first, first)}{dot}{rest}"


def root_name(node: ast.AST) -> str:
    """Return the name that an expression of attributes, items and calls begins with."""
    while True:
        if isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred, ast.Await)):
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        else:
            return node.id if isinstance(node, ast.Name) else ""


def value_of(name: str, scope: Scope) -> ast.expr | None:
    """Return what a name was given, if that was once and in one place around."""
    at: Scope | None = scope
    while at is not None:
        if (given := at.names.get(name)) and not (at.is_class and at is not scope):
            return given[0] if len(given) == 1 else None
        if name in at.parameters:
            return None
        at = at.above
    return None


def made_here(node: ast.expr, scope: Scope) -> ast.expr:
    """Return what a name was given in this function, if that was once; else the node itself."""
    if isinstance(node, ast.Name) and node.id in scope.names and scope.is_function:
        return value_of(node.id, scope) or node
    return node


def constant(node: ast.AST | None) -> object:
    """Return the value of a constant, -1 among them; `...` for anything else."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = constant(node.operand)
        return -value if isinstance(value, (int, float)) else ...
    return ...


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """Return what a call gives an argument by its name."""
    return next((one.value for one in call.keywords if one.arg == name), None)
