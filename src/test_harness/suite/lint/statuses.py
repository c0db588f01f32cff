"""How tests write down the status of an answer."""

from __future__ import annotations

import ast
import re
from functools import cache

from test_harness.suite.reading.names import constant, dotted, root_name, value_of
from test_harness.suite.reading.scopes import Scope

# `status` may be that of an order as well: what it is compared with has to be a status of HTTP.
CERTAIN = {"status_code", "status_int"}
MAYBE = {"status", "code"}
NAMED = re.compile(r"HTTP_(\d{3})_\w+|HTTP_(\d{3})")
# `200 OK`, as Flask says it.
LINE = re.compile(r"(\d{3})( [A-Z][A-Za-z' -]*)?")
LOWEST, HIGHEST = 100, 599
SUCCESS = 200
SUCCESSES = {"is_success", "ok"}
RESPONSE = re.compile(r"(.*_)?(r|rv|res|resp|response|reply|answer|result)\d*", re.IGNORECASE)
REQUESTS = {"get", "post", "put", "patch", "delete", "head", "options", "request", "open"}
# Answers without a body, as RFC 9110 says, and those whose body has nothing to add.
WITHOUT_BODY = {*range(100, 200), 204, 205, *range(300, 400), 401, 405}


def is_status(node: ast.AST, scope: Scope) -> bool:
    """Tell whether an expression is the status of an answer, for certain."""
    if isinstance(node, ast.Attribute):
        return node.attr in CERTAIN
    if isinstance(node, ast.Name):
        if node.id in CERTAIN:
            return True
        value = value_of(node.id, scope)
        return isinstance(value, ast.Attribute) and value.attr in CERTAIN
    return False


def may_be_status(node: ast.AST, scope: Scope) -> bool:
    """Tell whether an expression is a status if it is compared with one."""
    name = getattr(node, "attr", getattr(node, "id", ""))
    return is_status(node, scope) or name in MAYBE


def is_success(node: ast.AST, scope: Scope) -> bool:
    """Tell whether an expression says of an answer that it is a success, and no more.

    That is `response.is_success`, `response.ok` or `response.raise_for_status()`.
    """
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", "")
        return name == "raise_for_status" and isinstance(node.func, ast.Attribute)
    if not isinstance(node, ast.Attribute) or node.attr not in SUCCESSES:
        return False
    of: ast.expr | None = node.value
    if isinstance(of, ast.Name):
        of = value_of(of.id, scope)
    of = of.value if isinstance(of, ast.Await) else of
    called = of.func if isinstance(of, ast.Call) else None
    is_asked = getattr(called, "attr", "") in REQUESTS and "client" in root_name(node.value).lower()
    return is_asked or (
        getattr(called, "attr", "") in REQUESTS and bool(RESPONSE.fullmatch(root_name(node.value)))
    )


def status_named(node: ast.AST | None) -> int | None:
    """Return the status that an expression stands for: 404, `HTTPStatus.NOT_FOUND`; else None."""
    value = constant(node)
    if isinstance(value, int) and not isinstance(value, bool) and LOWEST <= value <= HIGHEST:
        return value
    if isinstance(value, str) and (line := LINE.fullmatch(value)) and line[2]:
        return int(line[1])
    name = dotted(node) if node is not None else ""
    if not name:
        return None
    last = name.rpartition(".")[2]
    if found := NAMED.fullmatch(last):
        return int(found[1] or found[2])
    if "HTTPStatus" in name or name.startswith(("codes.", "requests.codes.", "httpx.codes.")):
        return _phrases().get(last.upper())
    return None


@cache
def _phrases() -> dict[str, int]:
    from http import HTTPStatus

    return {**{one.name: one.value for one in HTTPStatus}, "OK": 200}
