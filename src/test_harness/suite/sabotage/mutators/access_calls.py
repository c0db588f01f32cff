"""Drops a call that is there to refuse: `require_role(user, "admin")`, `self._authorize(item)`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import partial

from test_harness.suite.sabotage.module import Change, Module
from test_harness.suite.sabotage.words import is_of_access, last_name, shown, words_of

KIND = "check"
_ADVICE = "Do it as somebody whom the call is there to refuse, and expect that nothing has changed."
_REFUSES = re.compile(
    r"^_?((require|ensure|check|authori[sz]e|enforce|guard|must|assert|deny|forbid)|"
    r"(verify|validate)_)"
)


def changes(module: Module) -> Iterator[Change]:
    """Yield each statement that is nothing but such a call."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Expr):
            continue
        call = node.value.value if isinstance(node.value, ast.Await) else node.value
        if not isinstance(call, ast.Call) or not _REFUSES.match(last_name(call.func)):
            continue
        is_of_password = bool({"password", "csrf"} & words_of(last_name(call.func)))
        if is_of_access(call) or is_of_password:
            yield Change(
                node, f"drops the call {shown(call)}", _ADVICE, partial(module.replace, node, None)
            )
