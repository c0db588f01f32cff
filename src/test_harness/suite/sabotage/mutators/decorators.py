"""Drops what stands in front of a view: `@login_required`, `@roles_required("admin")`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import partial

from test_harness.suite.sabotage.module import MODULE, ROUTES, Change, Function, Module
from test_harness.suite.sabotage.words import is_of_access, is_route, last_name, shown, words

KIND = "decorator"
_ADVICE = "Ask for the route as nobody, and as somebody without the right, and expect 401 or 403."
# What makes a function something else, whatever it is called.
_NEVER = words(
    "property setter getter cached_property classmethod staticmethod wraps fixture contextmanager "
    "asynccontextmanager dataclass lru_cache cache user_loader request_loader errorhandler "
    "before_request after_request user_lookup_loader token_in_blocklist_loader "
    "user_identity_loader field_validator model_validator validator event listens_for command"
)


def changes(module: Module) -> Iterator[Change]:
    """Yield each decorator of a view that says who may, and hands nothing to the view."""
    for function in module.functions():
        routes = [one for one in function.decorator_list if is_route(one)]
        for one in function.decorator_list:
            if one in routes or last_name(one) in _NEVER or not is_of_access(_called(one)):
                continue
            if routes and _is_handed_more(function, routes):
                continue
            if routes or _is_of_a_view(module, function):
                what = f"drops the decorator @{shown(one)}"
                yield Change(one, what, _ADVICE, partial(module.replace, one, None), ROUTES)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef):
            yield from _of_class(module, node)


def _of_class(module: Module, found: ast.ClassDef) -> Iterator[Change]:
    """Yield what stands in the `decorators` of a view that is a class."""
    for statement in found.body:
        if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.List):
            continue
        if [last_name(target) for target in statement.targets] == ["decorators"]:
            for one in statement.value.elts:
                if is_of_access(one):
                    what = f"drops the decorator {shown(one)}"
                    yield Change(one, what, _ADVICE, partial(module.replace, one, None), MODULE)


def _called(decorator: ast.expr) -> ast.AST:
    return decorator.func if isinstance(decorator, ast.Call) else decorator


def _is_of_a_view(module: Module, function: Function) -> bool:
    """Tell whether it is a method of a view that is a class, such as `MethodView`."""
    above = module.parents.get(function)
    return isinstance(above, ast.ClassDef) and function.name in {
        "get", "post", "put", "patch", "delete", "dispatch_request",
    }  # fmt: skip


def _is_handed_more(function: Function, routes: list[ast.expr]) -> bool:
    """Tell whether the view takes what is not in its path: the decorator may be who gives it."""
    paths = " ".join(
        argument.value
        for route in routes
        if isinstance(route, ast.Call)
        for argument in route.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    )
    if "<" not in paths and "{" in paths:
        return False  # FastAPI hands over all that is asked for.
    in_path = set(re.findall(r"<(?:[^:>]*:)?(\w+)>", paths))
    taken = [one.arg for one in function.args.args if one.arg not in {"self", "cls"}]
    needed = taken[: len(taken) - len(function.args.defaults)]
    is_of_flask = any(last_name(route) == "route" for route in routes) or "<" in paths
    return bool(set(needed) - in_path) and (is_of_flask or not function.args.defaults)
