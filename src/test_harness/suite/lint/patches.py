"""What tests patch, gathered to be looked at in the running code, and what that says of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from test_harness.suite.lint.finding import File, Finding, Found, finding_of
from test_harness.suite.lint.rules.doubles import GONE, OTHER_SIGNATURE
from test_harness.suite.reading.names import constant, dotted, full_name, keyword
from test_harness.suite.reading.scopes import Called, Scope

ASSERTED = {
    "assert_called_with", "assert_called_once_with", "assert_any_call", "assert_awaited_with",
    "assert_awaited_once_with", "assert_any_await",
}  # fmt: skip
AS_IT_IS = ("new", "new_callable", "autospec", "spec", "spec_set")


class Patch(NamedTuple):
    """One replacement of a name of the application or of a library.

    Args:
        target: What is replaced, in full: `app.mail.send`.
        node: The call that replaces it.
        replacement: How the function that takes its place is called; None where that is a mock.
        calls: How the test says that the mock was called.
    """

    target: str
    node: ast.Call
    replacement: dict[str, Any] | None
    calls: list[tuple[ast.Call, dict[str, Any]]]

    def asked(self) -> dict[str, Any]:
        """Return it as what looks at the running code reads it."""
        return {
            "target": self.target,
            "replacement": self.replacement,
            "calls": [call for _, call in self.calls],
        }


def patches_of(file: File) -> Iterator[Patch]:
    """Yield what a file of tests replaces, where it is clear what that is."""
    for called in file.module.called("patch", "setattr", "object"):
        name = full_name(called.node.func, file.module)
        makes = constant(keyword(called.node, "create")) is True
        if makes or constant(keyword(called.node, "raising")) is False:
            continue
        target = _target(called, name, file)
        if target:
            replaced = _replacement(called, target[1], file)
            calls = [] if replaced else [*_asserted(called, file)]
            yield Patch(target[0], called.node, replaced, calls)


def _target(called: Called, name: str, file: File) -> tuple[str, ast.expr | None] | None:
    """Return what is replaced, and what it is replaced with, where that is said."""
    arguments = called.node.args
    texts = [constant(one) for one in arguments[:2]]
    kind = name.rpartition(".")[2]
    if kind == "patch" and texts and isinstance(texts[0], str):
        return texts[0], arguments[1] if len(arguments) > 1 else keyword(called.node, "new")
    if kind == "setattr" and "patch" in name and texts and isinstance(texts[0], str):
        return texts[0], arguments[1] if len(arguments) > 1 else None
    is_object = name.endswith("patch.object") or (kind == "setattr" and "patch" in name)
    if is_object and len(texts) > 1 and isinstance(texts[1], str):
        first, _, rest = dotted(arguments[0]).partition(".")
        if first in file.module.imports and not file.module.imports[first].startswith("."):
            owner = file.module.imports[first] + (f".{rest}" if rest else "")
            value = arguments[2] if len(arguments) > 2 else keyword(called.node, "new")
            return f"{owner}.{texts[1]}", value
    return None


def _replacement(called: Called, value: ast.expr | None, file: File) -> dict[str, Any] | None:
    """Return how what takes the place is called, if it is a function of the file."""
    if isinstance(value, ast.Lambda):
        return _signature(value.args)
    if not isinstance(value, ast.Name):
        return None
    at: Scope | None = called.place.scope
    while at is not None:
        for inner in at.scopes:
            if inner.name == value.id and isinstance(
                inner.node, (ast.FunctionDef, ast.AsyncFunctionDef)
            ):
                return None if inner.node.decorator_list else _signature(inner.node.args)
        at = at.above
    return None


def _signature(arguments: ast.arguments) -> dict[str, Any]:
    positional = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
    return {
        "positional": positional,
        "defaults": len(arguments.defaults),
        "any": arguments.vararg is not None,
        "keywords": [one.arg for one in arguments.kwonlyargs],
        "any_keyword": arguments.kwarg is not None,
    }


def _asserted(called: Called, file: File) -> Iterator[tuple[ast.Call, dict[str, Any]]]:
    """Yield how a mock was called, as the test says, where it is bound to one name."""
    if any(keyword(called.node, one) is not None for one in AS_IT_IS):
        return
    scope = called.place.scope
    names = [
        name for name, given in scope.names.items() if len(given) == 1 and given[0] is called.node
    ]
    for other in scope.calls:
        receiver = getattr(other.node.func, "value", None)
        if other.name in ASSERTED and isinstance(receiver, ast.Name) and receiver.id in names:
            if any(isinstance(one, ast.Starred) for one in other.node.args):
                continue
            if any(one.arg is None for one in other.node.keywords):
                continue
            keywords = [str(one.arg) for one in other.node.keywords]
            yield other.node, {"positional": len(other.node.args), "keywords": keywords}


def findings_of(
    patches: Mapping[str, list[Patch]], files: Mapping[str, File], answers: list[dict[str, Any]]
) -> list[Finding]:
    """Return what is wrong with patches, as the running code says.

    Args:
        patches: By the paths of their files.
        files: What was read of these.
        answers: One for each patch, in their order.
    """
    found = []
    every = [(path, patch) for path, of in patches.items() for patch in of]
    for (path, patch), answer in zip(every, answers, strict=True):
        file = files[path]
        case = next((one for one in file.cases if _is_in(patch.node, one.scope)), None)
        if gone := answer.get("gone"):
            found.append(finding_of(Found(GONE, patch.node, gone, case), path))
        if other := answer.get("replacement"):
            found.append(finding_of(Found(OTHER_SIGNATURE, patch.node, other, case), path))
        for (node, _), said in zip(patch.calls, answer.get("calls", ()), strict=False):
            if said:
                found.append(finding_of(Found(OTHER_SIGNATURE, node, said, case), path))
    return found


def _is_in(node: ast.Call, scope: Scope) -> bool:
    function: Any = scope.node
    first = min([function.lineno, *(one.lineno for one in function.decorator_list)])
    return bool(first <= node.lineno <= (function.end_lineno or function.lineno))
