"""What code speaks of, by the names in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator


def words(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
# What stands in front of a route to say who may.
_OF_ACCESS = words(
    "auth authenticated authenticate authorize authorized authorization authorise authorised user "
    "login logged permission permissions perm perms role roles admin admins owner owners member "
    "members membership scope scopes token jwt apikey tenant current protect protected secured "
    "security superuser staff verified access identity principal guard may allowed "
    "require required requires"
)
ROUTES = words("get post put patch delete head options route api_route websocket")


def last_name(node: ast.AST | None) -> str:
    """Return the name of a function, a class or an attribute: `b` of `a.b(c)[d]`."""
    while isinstance(node, (ast.Call, ast.Subscript, ast.Await)):
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def names_in(*nodes: ast.AST) -> Iterator[str]:
    """Yield every name, attribute and keyword in some code."""
    for node in nodes:
        for one in ast.walk(node):
            if isinstance(one, ast.Name):
                yield one.id
            elif isinstance(one, ast.Attribute):
                yield one.attr
            elif isinstance(one, ast.keyword) and one.arg:
                yield one.arg


def words_of(name: str) -> set[str]:
    """Return the words of a name: `require_admin` and `RequireAdmin` have the same."""
    return {part.lower() for part in _PART.findall(name)}


def words_in(*nodes: ast.AST) -> set[str]:
    """Return the words of every name and text in some code."""
    found = {word for name in names_in(*nodes) for word in words_of(name)}
    for node in nodes:
        for one in ast.walk(node):
            if isinstance(one, ast.Constant) and isinstance(one.value, str):
                found |= words_of(one.value)
    return found


def is_of_access(node: ast.AST) -> bool:
    """Tell whether code is about who may, by the names in it."""
    return bool(_OF_ACCESS & {word for name in names_in(node) for word in words_of(name)})


def shown(node: ast.AST) -> str:
    """Return code in one short line."""
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def is_route(decorator: ast.AST) -> bool:
    """Tell whether a decorator makes a function answer a route."""
    return isinstance(decorator, ast.Call) and (
        last_name(decorator.func) in ROUTES
        and isinstance(decorator.func, (ast.Attribute, ast.Name))
    )


def keyword_of(call: ast.Call, name: str) -> ast.keyword | None:
    """Return an argument of a call that is given by its name."""
    return next((one for one in call.keywords if one.arg == name), None)
