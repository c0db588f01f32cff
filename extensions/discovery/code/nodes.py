"""Small questions about syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
_CONTEXTS = frozenset({ast.Load, ast.Store, ast.Del})
_WITHOUT_CHILDREN = frozenset({ast.Constant, ast.Name, ast.alias})
_KEPT = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)


def class_attribute(node: ast.ClassDef, name: str) -> ast.AST | None:
    """Return what a class body binds to a name: a value, a function or an annotation."""
    for statement in node.body:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                if statement.name == name:
                    return statement
            case ast.AnnAssign(target=ast.Name(id=target)):
                if target == name:
                    return statement
            case ast.Assign():
                for target_node in statement.targets:
                    if isinstance(target_node, ast.Name) and target_node.id == name:
                        return statement.value
    return None


def keyword(call: ast.Call, *names: str) -> ast.expr | None:
    """Return the first keyword argument of a call that has one of some names."""
    for name in names:
        for argument in call.keywords:
            if argument.arg == name:
                return argument.value
    return None


def argument(call: ast.Call, position: int, *names: str) -> ast.expr | None:
    """Return an argument of a call, given by its position or by one of its names."""
    if position < len(call.args) and not any(isinstance(a, ast.Starred) for a in call.args):
        return call.args[position]
    return keyword(call, *names)


def parameters(node: FunctionNode) -> list[tuple[ast.arg, ast.expr | None]]:
    """Return the parameters of a function with their defaults, without `self`."""
    positional = [*node.args.posonlyargs, *node.args.args]
    missing: list[ast.expr | None] = [None] * (len(positional) - len(node.args.defaults))
    pairs = list(zip(positional, [*missing, *node.args.defaults], strict=True))
    if pairs and pairs[0][0].arg in ("self", "cls"):
        pairs = pairs[1:]
    return [*pairs, *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)]


def required_parameters(node: FunctionNode) -> list[str]:
    """Return the names of the parameters that a call has to give."""
    return [arg.arg for arg, default in parameters(node) if default is None]


def terminal(node: ast.AST | None) -> str:
    """Return the last name of a dotted name, of what is called or of what is indexed."""
    while isinstance(node, ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def called(node: ast.expr) -> ast.expr:
    """Return what a call calls; anything else as it is."""
    return node.func if isinstance(node, ast.Call) else node


def local_values(node: ast.AST) -> dict[str, ast.expr]:
    """Return what a function assigns to its variables, the first value of each."""
    known: dict[str, ast.expr] | None = getattr(node, "_local_values", None)
    if known is not None:
        return known
    found: dict[str, ast.expr] = {}
    node._local_values = found  # type: ignore[attr-defined]
    for inner in walk(node):
        match inner:
            case ast.Assign():
                for target in inner.targets:
                    for name, value in targets(target, inner.value):
                        found.setdefault(name, value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                found.setdefault(name, value)
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                found.setdefault(name, value)
    return found


def assigned_name(statement: ast.stmt) -> str:
    """Return the last name of what a statement assigns to first; empty when it does not."""
    match statement:
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
            return terminal(target)
        case ast.Assign(targets=[target, *_]):
            return terminal(target)
    return ""


def targets(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Yield each name that an assignment binds, with its part of the value."""
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple | ast.List):
        values: Iterable[ast.expr] = [value] * len(target.elts)
        if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts):
            values = value.elts
        for inner, part in zip(target.elts, values, strict=True):
            yield from targets(inner, part)


def running(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements that run with a body, those in branches included."""
    for statement in body:
        yield statement
        match statement:
            case ast.If() if not is_main_check(statement.test):
                yield from running(statement.body)
                yield from running(statement.orelse)
            case ast.Try() | ast.TryStar():
                yield from running(statement.body)
                for handler in statement.handlers:
                    yield from running(handler.body)
                yield from running(statement.orelse)
                yield from running(statement.finalbody)
            case ast.With() | ast.For() | ast.While():
                yield from running(statement.body)


def is_main_check(test: ast.expr) -> bool:
    """Whether it is `__name__ == "__main__"`."""
    return (
        isinstance(test, ast.Compare)
        and isinstance(test.left, ast.Name)
        and test.left.id == "__name__"
    )


def walk(node: ast.AST) -> Sequence[ast.AST]:
    """Return a node and all below it, those nearer to it first.

    It is as `ast.walk`, but fast: it leaves out the contexts of names (`ast.Load`), and keeps what
    it found in whole functions, classes and modules, which many subjects ask for.
    """
    known: tuple[ast.AST, ...] | None = getattr(node, "_walked", None)
    if known is not None:
        return known
    found = [node]
    for current in found:
        if type(current) in _WITHOUT_CHILDREN:
            continue
        for value in current.__dict__.values():
            if type(value) is list:
                found += [item for item in value if isinstance(item, ast.AST)]
            elif isinstance(value, ast.AST) and type(value) not in _CONTEXTS:
                found.append(value)
    if not isinstance(node, _KEPT):
        return found
    # No list: that would be taken for a field of the node.
    node._walked = walked = tuple(found)  # type: ignore[union-attr]
    return walked
