"""Drops a refusal: `if user.role != "admin": raise Forbidden()`, or one reason of several."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import partial

from test_harness.suite.sabotage.module import Change, Module
from test_harness.suite.sabotage.mutators.passwords import checks_password
from test_harness.suite.sabotage.words import last_name, shown, words_in

KIND = "guard"
_STATUS = re.compile(r"^(?:HTTP_)?(4\d\d)(?:_.*)?$")
# What no request brings about.
_OF_PROGRAMMING = {
    "RuntimeError", "TypeError", "KeyError", "NotImplementedError", "ImportError", "AssertionError",
    "AttributeError", "StopIteration", "SystemExit", "OSError", "FileNotFoundError",
    "ImproperlyConfigured", "LookupError", "IndexError",
}  # fmt: skip
_WORDS: tuple[tuple[str, frozenset[str], str], ...] = tuple(
    (status, frozenset(words.split()), advice)
    for status, words, advice in (
        (
            "password",
            "password passwords hash hashed checkpw credentials",
            "Log in with a wrong password, and expect that it is refused.",
        ),
        (
            "403",
            "role roles admin permission permissions scope scopes forbidden staff superuser denied "
            "owner ownership tenant unauthorised abac policy",
            "Do it as somebody with too low a role, and as the owner of another row, and expect "
            "403 or 404 and that nothing has changed.",
        ),
        (
            "401",
            "unauthorized unauthenticated token session expired revoked login inactive active",
            "Come with no token, with an old one and as somebody who was switched off, and expect "
            "401.",
        ),
        ("404", "missing none found", "Ask for what is not there, and expect 404."),
        (
            "409",
            "conflict taken exists duplicate already status state transition transitions",
            "Do it twice, and from each state that does not allow it, and expect 409: "
            "assert_unique and assert_transitions do that.",
        ),
    )
)
_OTHERWISE = "Send what it is there to refuse, and expect the refusal."


def changes(module: Module) -> Iterator[Change]:
    """Yield each refusal, and each of several reasons for one."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.If):
            continue
        if _refuses(node.body) and not node.orelse:
            yield from _dropped(module, node)
        elif _ends(node.body) and not node.orelse and _refuses(_after(module, node)):
            what = f"lets everything pass `if {shown(node.test)}`"
            yield Change(node.test, what, _advice(node.test, *_after(module, node)), _always(node))


def _dropped(module: Module, node: ast.If) -> Iterator[Change]:
    test = node.test
    is_or = isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or)
    reasons = test.values if isinstance(test, ast.BoolOp) and is_or else [test]
    for reason in reasons:
        if any(isinstance(one, ast.Call) and checks_password(one) for one in ast.walk(reason)):
            continue
        apply = (
            partial(module.replace, reason, ast.Constant(value=False))
            if len(reasons) > 1
            else partial(module.replace, node, None)
        )
        what = f"drops the refusal `if {shown(reason)}`"
        yield Change(reason, what, _advice(reason, *node.body), apply)


def _always(node: ast.If) -> partial[None]:
    return partial(setattr, node, "test", ast.copy_location(ast.Constant(value=True), node.test))


def _ends(body: list[ast.stmt]) -> bool:
    return isinstance(body[-1], ast.Return)


def _after(module: Module, node: ast.stmt) -> list[ast.stmt]:
    """Return the statement that comes after one, if it is the last."""
    parent = module.parents[node]
    body: list[ast.stmt] = getattr(parent, "body", [])
    at = body.index(node) if node in body else -2
    return body[at + 1 :] if at + 2 == len(body) else []


def _refuses(body: list[ast.stmt]) -> bool:
    """Tell whether statements end in a refusal."""
    if not body:
        return False
    last = body[-1]
    if isinstance(last, ast.Raise):
        name = last_name(last.exc)
        return bool(name) and name not in _OF_PROGRAMMING and name[:1].isupper()
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        return last_name(last.value.func) == "abort"
    return isinstance(last, ast.Return) and last.value is not None and _answers_4xx(last.value)


def _answers_4xx(value: ast.expr) -> bool:
    if isinstance(value, ast.Tuple) and value.elts:
        return bool(_status_in(value.elts[-1]))
    if isinstance(value, ast.Call) and "Response" in last_name(value.func):
        # The status comes behind the content.
        return any(bool(_status_in(one)) for one in value.args[1:]) or _has_status(value)
    return isinstance(value, ast.Call) and _has_status(value)


def _has_status(call: ast.Call) -> bool:
    return any(
        bool(_status_in(one.value)) for one in call.keywords if one.arg in {"status", "status_code"}
    )


def _status_in(*nodes: ast.AST) -> str:
    for node in nodes:
        for one in ast.walk(node):
            if isinstance(one, ast.Constant) and type(one.value) is int and 400 <= one.value < 500:
                return str(one.value)
            if isinstance(one, ast.Attribute) and (found := _STATUS.match(one.attr)):
                return found[1]
    return ""


def _advice(*nodes: ast.AST) -> str:
    status, words = _status_in(*nodes), words_in(*nodes)
    by_status = {name: advice for name, _, advice in _WORDS}
    if _WORDS[0][1] & words:
        return by_status["password"]
    if status:
        return by_status.get(status, _OTHERWISE)
    return next((advice for _, known, advice in _WORDS if known & words), _OTHERWISE)
