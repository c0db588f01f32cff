"""Forgets to commit."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from test_harness.suite.sabotage.module import Change, Module
from test_harness.suite.sabotage.words import shown

KIND = "commit"
_ADVICE = "Read what was written in another request, or with the fixture `db`, and compare it."


def changes(module: Module) -> Iterator[Change]:
    """Yield each statement that commits."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Expr):
            continue
        call = node.value.value if isinstance(node.value, ast.Await) else node.value
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            continue
        if call.func.attr == "commit" and not call.args:
            apply = partial(module.replace, node, None)
            yield Change(node, f"forgets {shown(call)}", _ADVICE, apply)
