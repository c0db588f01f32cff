"""One walk through a file: what its functions assert, call, try and repeat, and where.

Python's own `ast.walk` takes as long as the parser. This one leaves out what no rule looks at:
annotations, operators, contexts, names and constants.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

from test_harness.suite.reading.scopes import Called, Key, Module, Place, Scope, Stated

Try = (ast.Try, getattr(ast, "TryStar", ast.Try))  # `except*` is one of Python 3.11

LEAVES = frozenset({ast.Name, ast.Constant, type(None)})


def parse(path: Path, text: str) -> Module:
    """Read a file.

    Args:
        path: Where it lies.
        text: What it says.

    Raises:
        SyntaxError: It is no Python, or that of a later version.
    """
    module = Module(path, text, ast.parse(text, str(path)))
    _block(module.tree.body, Place("module", module.tree, None, module.scope), module)
    return module


def _block(body: list[ast.stmt], place: Place, module: Module) -> None:
    for statement in body:
        _STATEMENTS.get(type(statement), _plain)(statement, place, module)


def _plain(node: ast.stmt, place: Place, module: Module) -> None:
    _expressions([node], place, module)


def _bare(node: ast.Expr, place: Place, module: Module) -> None:
    if type(node.value) is ast.Call:
        module.bare.add(id(node.value))
    _expressions([node.value], place, module)


def _assert(node: ast.Assert, place: Place, module: Module) -> None:
    place.scope.asserts.append(Stated(node, place))
    _expressions([node], place, module)


def _raise(node: ast.Raise, place: Place, module: Module) -> None:
    place.scope.raises.append(Stated(node, place))
    _expressions([node], place, module)


def _assign(node: ast.Assign, place: Place, module: Module) -> None:
    for target in node.targets:
        _target(target, node.value, node, place, module)
    _expressions([node.value], place, module)


def _annotated(node: ast.AnnAssign, place: Place, module: Module) -> None:
    if node.value is not None:
        _target(node.target, node.value, node, place, module)
        _expressions([node.value], place, module)


def _augmented(node: ast.AugAssign, place: Place, module: Module) -> None:
    place.scope.writes.append(Stated(node, place))
    if isinstance(node.target, ast.Name):
        place.scope.names.setdefault(node.target.id, []).append(None)
    _expressions([node.value], place, module)


def _delete(node: ast.Delete, place: Place, module: Module) -> None:
    place.scope.writes.append(Stated(node, place))


def _target(
    target: Any, value: ast.expr | None, node: ast.stmt, place: Place, module: Module
) -> None:
    kind = type(target)
    if kind is ast.Name:
        place.scope.names.setdefault(target.id, []).append(value)
    elif kind is ast.Tuple or kind is ast.List:
        for part in target.elts:
            _target(part, None, node, place, module)
    elif kind is ast.Starred:
        _target(target.value, None, node, place, module)
    else:
        written = place.scope.writes
        if not written or written[-1].node is not node:
            written.append(Stated(node, place))
        _expressions([target], place, module)


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef, place: Place, module: Module) -> None:
    arguments = node.args
    outside = [*node.decorator_list, *arguments.defaults, *filter(None, arguments.kw_defaults)]
    if outside:
        _expressions(outside, place, module)
    scope = Scope(node, node.name, place.scope)
    every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    scope.parameters = [one.arg for one in every]
    place.scope.scopes.append(scope)
    module.functions.append(scope)
    _block(node.body, Place("def", node, place, scope), module)


def _class(node: ast.ClassDef, place: Place, module: Module) -> None:
    _expressions([*node.decorator_list, *node.bases], place, module)
    scope = Scope(node, node.name, place.scope)
    place.scope.scopes.append(scope)
    _block(node.body, Place("class", node, place, scope), module)


def _for(node: ast.For | ast.AsyncFor, place: Place, module: Module) -> None:
    place.scope.loops.append(Stated(node, place))
    _target(node.target, None, node, place, module)
    _expressions([node.iter], place, module)
    _block(node.body, Place("for", node, place, place.scope), module)
    _block(node.orelse, place, module)


def _while(node: ast.While, place: Place, module: Module) -> None:
    place.scope.loops.append(Stated(node, place))
    _expressions([node.test], place, module)
    _block(node.body, Place("while", node, place, place.scope), module)
    _block(node.orelse, place, module)


def _if(node: ast.If, place: Place, module: Module) -> None:
    _expressions([node.test], place, module)
    _block(node.body, Place("if", node, place, place.scope), module)
    if node.orelse:
        _block(node.orelse, Place("else", node, place, place.scope), module)


def _try(node: ast.Try, place: Place, module: Module) -> None:
    scope = place.scope
    scope.tries.append(Stated(node, place))
    inner = Place("try", node, place, scope)
    _block(node.body, inner, module)
    for handler in node.handlers:
        _block(handler.body, Place("except", handler, place, scope), module)
    _block(node.orelse, place, module)
    _block(node.finalbody, Place("finally", node, place, scope), module)


def _with(node: ast.With | ast.AsyncWith, place: Place, module: Module) -> None:
    place.scope.withs.append(Stated(node, place))
    for item in node.items:
        if item.optional_vars is not None:
            _target(item.optional_vars, item.context_expr, node, place, module)
    _expressions([item.context_expr for item in node.items], place, module)
    _block(node.body, Place("with", node, place, place.scope), module)


def _match(node: ast.Match, place: Place, module: Module) -> None:
    _expressions([node.subject], place, module)
    for case in node.cases:
        _block(case.body, Place("case", node, place, place.scope), module)


def _global(node: ast.Global | ast.Nonlocal, place: Place, module: Module) -> None:
    place.scope.shared.update(node.names)


def _import(node: ast.Import, place: Place, module: Module) -> None:
    for alias in node.names:
        name = alias.asname or alias.name.partition(".")[0]
        module.imports[name] = alias.name if alias.asname else name


def _import_from(node: ast.ImportFrom, place: Place, module: Module) -> None:
    base = "." * node.level + (node.module or "")
    base += "." if node.module else ""
    for alias in node.names:
        module.imports[alias.asname or alias.name] = f"{base}{alias.name}"


def _nothing(node: ast.stmt, place: Place, module: Module) -> None:
    pass


_STATEMENTS: dict[type[ast.stmt], Callable[[Any, Place, Module], None]] = {
    ast.Assert: _assert,
    ast.Expr: _bare,
    ast.Raise: _raise,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Delete: _delete,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.If: _if,
    **dict.fromkeys(Try, _try),
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Match: _match,
    ast.Global: _global,
    ast.Nonlocal: _global,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Pass: _nothing,
    ast.Break: _nothing,
    ast.Continue: _nothing,
}


def _expressions(pending: list[Any], place: Place, module: Module) -> None:
    """Note every call in some expressions, and what is taken by a written key."""
    scope_calls, module_calls = place.scope.calls, module.calls
    while pending:
        node = pending.pop()
        kind = type(node)
        if kind in LEAVES:
            continue
        if kind is ast.Call:
            function = node.func
            name = getattr(function, "attr", getattr(function, "id", ""))
            called = Called(name, node, place)
            scope_calls.append(called)
            module_calls.setdefault(name, []).append(called)
            pending.append(function)
            pending += node.args
            pending += [keyword.value for keyword in node.keywords]
        elif kind is ast.Attribute:
            pending.append(node.value)
        else:
            if kind is ast.Subscript:
                _key(node, place)
            for field in kind._fields:
                part = getattr(node, field)
                if type(part) is list:
                    pending += part
                elif isinstance(part, ast.AST):
                    pending.append(part)


def _key(node: ast.Subscript, place: Place) -> None:
    key = getattr(node.slice, "value", None)
    if not isinstance(key, str) or type(node.ctx) is not ast.Load:
        return
    way: list[str] = []
    of = node.value
    while type(of) is ast.Subscript:
        before = getattr(of.slice, "value", None)
        if not isinstance(before, str):
            return
        way.insert(0, before)
        of = of.value
    if isinstance(of, (ast.Name, ast.Call)):
        place.scope.keys.append(Key(node, of, tuple(way), key))
