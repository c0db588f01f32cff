"""Lists more than a page, or the first page again."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from test_harness.suite.sabotage.module import Change, Module
from test_harness.suite.sabotage.words import shown

KIND = "page"
_ADVICE = "Read a list page by page, with more rows than one page has: assert_pages does that."


def changes(module: Module) -> Iterator[Change]:
    """Yield each limit and offset of a query."""
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"limit", "offset"}
            and len(node.args) == 1
            and not isinstance(node.args[0], ast.Constant)
        ):
            what = f"drops .{node.func.attr}({shown(node.args[0])}) of a query"
            yield Change(node, what, _ADVICE, partial(module.replace, node, node.func.value))
