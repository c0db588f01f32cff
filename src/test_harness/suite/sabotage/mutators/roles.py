"""Asks for less before a route of FastAPI: `Depends(current_user)` in place of `require_admin`.

A function that uses what it depends on cannot do without, but whoever `require_admin` asks for
first is somebody too.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from test_harness.suite.sabotage.module import ROUTES, Change, Module, Scope, readable
from test_harness.suite.sabotage.words import is_of_access, is_route, last_name, words, words_in

KIND = "role"
_ADVICE = "Ask for the route as somebody who is logged in and has too low a role, and expect 403."
_DEPENDS = ("Depends", "Security")
_OF_A_RIGHT = words(
    "admin admins role roles require required requires permission permissions scope scopes owner "
    "staff superuser member manager editor moderator"
)


def changes(module: Module) -> Iterator[Change]:
    """Yield each dependency that asks for another one first, which alone would be too little."""
    for function in module.functions():
        if not any(map(is_route, function.decorator_list)):
            continue
        used = {one.id for it in function.body for one in ast.walk(it) if isinstance(one, ast.Name)}
        for asked in _dependencies(function.args):
            weaker = _asked_first(module, asked.args[0])
            if weaker is not None and used & _arguments_of(module, asked):
                yield _change(module, asked.args[0], asked.args[0], weaker, weaker)
        arguments = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
        for alias in [it.annotation for it in arguments if it.annotation and it.arg in used]:
            place = _place_of(module, alias, _assigned)
            within = None if place is None else next(_dependencies(place.found), None)
            if place is None or within is None:
                continue
            right = within.args[0]
            weaker = _asked_first(place.module, right, place.before)
            if weaker is not None:
                # The class is not needed: FastAPI gives what the dependency returns.
                depends = f"__import__('fastapi').Depends({ast.unparse(weaker)})"
                instead = _expression(f"__import__('typing').Annotated[object, {depends}]")
                yield _change(module, alias, right, instead, weaker)


def _change(
    module: Module, old: ast.expr, asked: ast.expr, new: ast.expr, weaker: ast.expr
) -> Change:
    what = f"asks for {last_name(weaker)} in place of {last_name(asked)}"
    return Change(old, what, _ADVICE, partial(module.replace, old, new), ROUTES)


def _dependencies(node: ast.AST) -> Iterator[ast.Call]:
    for one in ast.walk(node):
        if isinstance(one, ast.Call) and last_name(one.func) in _DEPENDS and one.args:
            yield one


def _arguments_of(module: Module, asked: ast.AST) -> set[str]:
    """Return the parameter that a dependency is of, by its annotation or its default."""
    found: ast.AST = asked
    while not isinstance(found, (ast.arg, ast.arguments)):
        found = module.parents[found]
    if isinstance(found, ast.arg):
        return {found.arg}
    every = [*found.posonlyargs, *found.args]
    given = [
        *zip(reversed(found.defaults), reversed(every), strict=False),
        *zip(found.kw_defaults, found.kwonlyargs, strict=True),
    ]
    return {one.arg for default, one in given if default is asked}


def _asked_first(module: Module, asked: ast.expr, before: str = "") -> ast.expr | None:
    """Return what names the dependency that another one asks for before it decides.

    Args:
        module: Names the other one.
        asked: How.
        before: What leads to its names; empty where they are at hand.
    """
    named = asked.func if isinstance(asked, ast.Call) else asked
    if not _OF_A_RIGHT & words_in(asked):
        return None
    place = _place_of(module, named, _defined)
    for one in _dependencies(place.found) if place is not None else ():
        first = one.args[0]
        if isinstance(first, ast.Name) and is_of_access(first):
            is_there = place is not None and place.module is module
            of_it = f"__import__('sys').modules[{before}{ast.unparse(named)}.__module__]."
            return _expression(f"{before if is_there else of_it}{first.id}")
    return None


@dataclass(frozen=True)
class _Place:
    """Where a name is from.

    Args:
        module: Has it.
        found: What it is there.
        before: What leads to the names of the module; empty for the one that is broken.
    """

    module: Module
    found: ast.AST
    before: str = ""


Finder = Callable[[ast.Module, str], ast.AST | None]


def _place_of(module: Module, named: ast.expr, find: Finder, deep: int = 3) -> _Place | None:
    """Return where something is from, through imports under other names as well."""
    if isinstance(named, ast.Name):
        own = find(module.tree, named.id)
        if own is not None:
            return _Place(module, own)
        source, name, other = _imported(module, named.id)
        before = f"__import__('importlib').import_module({source})."
    elif isinstance(named, ast.Attribute):
        other, name, before = (
            _module_of(module, named.value),
            named.attr,
            f"{ast.unparse(named.value)}.",
        )
    else:
        return None
    if other is None or not deep:
        return None
    place = _place_of(other, ast.Name(name), find, deep - 1)
    return None if place is None else _Place(place.module, place.found, before)


def _defined(tree: ast.Module, name: str) -> ast.AST | None:
    found = (one for one in tree.body if isinstance(one, Scope) and one.name == name)
    return next(found, None)


def _assigned(tree: ast.Module, name: str) -> ast.AST | None:
    """Return what a name stands for, such as `Annotated[User, Depends(require_admin)]`."""
    for one in tree.body:
        targets = one.targets if isinstance(one, ast.Assign) else [getattr(one, "target", None)]
        if any(isinstance(it, ast.Name) and it.id == name for it in targets):
            return getattr(one, "value", None)
    return None


def _imported(module: Module, name: str) -> tuple[str, str, Module | None]:
    """Return the arguments that import the module that a name is from, its name there, and it."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.ImportFrom):
            continue
        for one in node.names:
            if (one.asname or one.name) == name:
                dotted = "." * node.level + (node.module or "")
                source = f"{dotted!r}, __package__" if node.level else repr(dotted)
                return source, one.name, _module_at(module, node.level, node.module or "")
    return "", name, None


def _module_of(module: Module, named: ast.expr) -> Module | None:
    """Return the module that a name stands for."""
    dotted = ast.unparse(named)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                if (one.asname or one.name) == dotted:
                    return _module_at(module, 0, one.name)
        if isinstance(node, ast.ImportFrom):
            for one in node.names:
                if (one.asname or one.name) == dotted:
                    within = f"{node.module}.{one.name}" if node.module else one.name
                    return _module_at(module, node.level, within)
    return None


def _module_at(module: Module, level: int, dotted: str) -> Module | None:
    folders, parts = list(module.path.parents), dotted.split(".") if dotted else []
    starts = folders[level - 1 : level] if level else folders
    found = next((it for start in starts if (it := _file(start, parts))), None)
    return None if found is None else readable(found)


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _file(start: Path, parts: list[str]) -> Path | None:
    path = start.joinpath(*parts)
    files = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in files if file.is_file()), None)
