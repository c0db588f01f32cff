"""Takes tokens that nobody signed, and tokens that are over."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from test_harness.suite.sabotage.module import Change, Module
from test_harness.suite.sabotage.words import keyword_of, last_name

KIND = "token"
_WAYS = (
    (
        {"verify_signature": False, "verify_exp": True},
        "does not look at the signature of tokens",
        "Come with a token that was changed or signed with another key, and expect 401.",
    ),
    (
        {"verify_exp": False},
        "does not look at when tokens end",
        "Come with a token that is over (the fixture `clock` moves the time), and expect 401.",
    ),
)


def changes(module: Module) -> Iterator[Change]:
    """Yield what each call that reads a JWT can be told not to look at."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr == "decode" and last_name(node.func.value) in {"jwt", "PyJWT"}:
            for options, what, advice in _WAYS:
                yield Change(node, what, advice, partial(_tell, node, options))


def _tell(call: ast.Call, options: dict[str, bool]) -> None:
    given = keyword_of(call, "options")
    added = [(ast.Constant(value=name), ast.Constant(value=it)) for name, it in options.items()]
    if given is not None and isinstance(given.value, ast.Dict):
        given.value.keys += [name for name, _ in added]
        given.value.values += [value for _, value in added]
        return
    if given is not None:
        call.keywords.remove(given)
    made = ast.Dict(keys=[name for name, _ in added], values=[value for _, value in added])
    call.keywords.append(ast.keyword(arg="options", value=made))
