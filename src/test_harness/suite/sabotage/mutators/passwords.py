"""Takes any password for the right one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import partial

from test_harness.suite.sabotage.module import Change, Module
from test_harness.suite.sabotage.words import last_name, shown, words, words_in

KIND = "password"
_ADVICE = "Log in with a wrong password, and expect that it is refused."
_CHECKS = re.compile(
    r"^_?(check|verify|validate|compare)_?(user_?)?(password|pw|passwd|password_hash|hash)|"
    r"^checkpw$|^compare_digest$|^(password|hash)_matches$|^(matches|verifies)_password$"
)
_HASHERS = words("pwd password passwords hasher hash crypt bcrypt argon scrypt")


def changes(module: Module) -> Iterator[Change]:
    """Yield each call that compares a password with what is stored."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call) or not checks_password(node):
            continue
        parent = module.parents[node]
        is_awaited = isinstance(parent, ast.Await)
        outer = parent if is_awaited else node
        holder = module.parents[outer]
        if isinstance(holder, ast.Expr):
            apply = partial(module.replace, holder, None)
        else:
            apply = partial(module.replace, outer, ast.Constant(value=True))
        what = f"takes any password for the right one at {shown(node)}"
        yield Change(node, what, _ADVICE, apply)


def checks_password(call: ast.Call) -> bool:
    """Tell whether a call compares a password with what is stored."""
    name = last_name(call.func)
    if name == "verify" and isinstance(call.func, ast.Attribute):
        return bool(_HASHERS & words_in(call.func.value))
    return bool(_CHECKS.match(name))
