"""Drops what FastAPI asks before a route: a dependency that says who may."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from test_harness.suite.sabotage.module import ANY, MODULE, ROUTES, Change, Function, Module
from test_harness.suite.sabotage.words import (
    is_of_access,
    is_route,
    keyword_of,
    last_name,
    names_in,
    shown,
)

KIND = "dependency"
_ADVICE = "Ask for the route as nobody, and as somebody without the right, and expect 401 or 403."
_DEPENDS = ("Depends", "Security", "Provide")
# What dependencies are given to, and which tests ask for a route behind them.
_HOLDERS = {"APIRouter": MODULE, "include_router": ANY, "FastAPI": ANY, "Router": MODULE}


def changes(module: Module) -> Iterator[Change]:
    """Yield each dependency that can be dropped without the function missing it."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call):
            continue
        reach = ROUTES if is_route(node) else _HOLDERS.get(last_name(node.func))
        for name in ("dependencies", "guards"):
            given = keyword_of(node, name)
            if reach and given is not None and isinstance(given.value, (ast.List, ast.Tuple)):
                for one in given.value.elts:
                    if is_of_access(one):
                        yield _dropped(module, one, partial(module.replace, one, None), reach)
    for function in module.functions():
        if any(map(is_route, function.decorator_list)):
            yield from _parameters(module, function)


def _parameters(module: Module, function: Function) -> Iterator[Change]:
    used = set(names_in(*function.body))
    for argument in (*function.args.args, *function.args.kwonlyargs):
        asked = _asked_for(function, argument)
        if asked is not None and argument.arg not in used and is_of_access(asked):
            yield _dropped(module, asked, partial(_drop, function, argument), ROUTES)


def _dropped(module: Module, node: ast.AST, apply: partial[None], reach: str) -> Change:
    inner = node.args[0] if isinstance(node, ast.Call) and node.args else node
    name = shown(inner) if last_name(node) in _DEPENDS else shown(node)
    return Change(node, f"drops the dependency {name}", _ADVICE, apply, reach)


def _asked_for(function: Function, argument: ast.arg) -> ast.AST | None:
    """Return what a parameter depends on; None where that is nothing."""
    default = _default_of(function, argument)
    if isinstance(default, ast.Call) and last_name(default.func) in _DEPENDS:
        return default
    for one in ast.walk(argument.annotation) if argument.annotation else ():
        if isinstance(one, ast.Call) and last_name(one.func) in _DEPENDS:
            return one
    # An alias of an annotation has no default, and is called after who it is.
    name = last_name(argument.annotation)
    is_alias = default is None and isinstance(argument.annotation, ast.Name) and name[:1].isupper()
    is_named = argument.arg.startswith("_") or name.startswith(("Current", "Require"))
    return argument.annotation if is_alias and is_named else None


def _default_of(function: Function, argument: ast.arg) -> ast.expr | None:
    arguments = function.args
    if argument in arguments.kwonlyargs:
        return arguments.kw_defaults[arguments.kwonlyargs.index(argument)]
    every = [*arguments.posonlyargs, *arguments.args]
    at = every.index(argument) - (len(every) - len(arguments.defaults))
    return arguments.defaults[at] if at >= 0 else None


def _drop(function: Function, argument: ast.arg) -> None:
    arguments = function.args
    if argument in arguments.kwonlyargs:
        at = arguments.kwonlyargs.index(argument)
        del arguments.kwonlyargs[at], arguments.kw_defaults[at]
        return
    default = _default_of(function, argument)
    if default is not None:
        arguments.defaults.remove(default)
    arguments.args.remove(argument)
