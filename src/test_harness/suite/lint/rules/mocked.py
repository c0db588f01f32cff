"""Mocks that a test asks itself: what it sees is what it has told them, or nothing at all."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from test_harness.suite.reading.cases import Case
from test_harness.suite.reading.names import dotted, full_name, made_here, root_name
from test_harness.suite.reading.scopes import Module, Scope

MOCKS = {"Mock", "MagicMock", "AsyncMock", "NonCallableMock", "create_autospec"}
MISSPELT = ("called_", "not_called", "has_calls", "any_call", "awaited_", "has_awaits")
# What a mock knows about its calls, and what it is told.
KNOWS = re.compile(
    r"called|call_|mock_|method_calls|await|return_value|side_effect|assert_|configure_|reset_"
)
ASKS = re.compile(r"assert_(called|any_call|has_calls|awaited|any_await|has_awaits)")
# A mock that is told nothing when it is made.
BARE = {"Mock", "MagicMock", "AsyncMock"}


def makes_mock(made: ast.Call, module: Module) -> bool:
    """Tell whether a call makes a mock: `Mock()`, `patch("app.mail.send")`."""
    name = full_name(made.func, module)
    is_patch = "patch" in name.split(".") and len(made.args) == 1 and not made.keywords
    return name.rpartition(".")[2] in MOCKS or is_patch


def is_patched_in(name: str, case: Case) -> bool:
    """Tell whether a parameter is a mock that `@patch` hands over."""
    patches = [
        one
        for one in case.decorators
        if "patch" in one.name.split(".") and one.name.rpartition(".")[2] in ("patch", "object")
    ]
    if "mock" in name.lower() and patches:
        return True
    # Each one that is not told what to put there hands over a mock, in front of the fixtures.
    handed = [one for one in patches if one.call is not None and _makes_its_mock(one.call)]
    own = [one for one in case.parameters if one not in ("self", "cls")]
    return name in own[: len(handed)]


def _makes_its_mock(call: ast.Call) -> bool:
    given = 2 if getattr(call.func, "attr", "") == "object" else 1
    return len(call.args) == given and not any(one.arg == "new" for one in call.keywords)


def is_mock(node: ast.AST, scope: Scope, case: Case) -> bool:
    """Tell whether an attribute is one of a mock, as far as the test says."""
    while isinstance(node, ast.Attribute):
        node = node.value
    if not isinstance(node, ast.Name):
        return False
    if "mock" in node.id.lower():
        return True
    made = made_here(node, scope)
    if not isinstance(made, ast.Call):
        return False
    name = full_name(made.func, case.module)
    return name.rpartition(".")[2] in MOCKS or "patch" in name


def why_it_is_true(node: ast.expr, scope: Scope, case: Case) -> str:
    """Return why what a mock answers is true: nobody told it anything; empty otherwise."""
    name = root_name(node)
    given = made_here(ast.Name(name), scope)
    if isinstance(node, ast.Name) and given is node:
        return ""
    asked = [node, given] if not isinstance(given, ast.Name) else [node]
    mock = name if _is_made(name, scope, case.module) else root_name(given)
    parts = [part for one in asked for part in ast.walk(one)]
    if any(isinstance(part, ast.Attribute) and KNOWS.match(part.attr) for part in parts):
        return ""
    if isinstance(node, ast.Name) and mock == name:
        return ""
    if not _is_untold(mock, scope, case) or (mock != name and not _is_kept(name, case)):
        return ""
    return f"`{mock}` is a mock, and whatever it answers is true"


def why_it_equals(left: ast.expr, right: ast.expr, scope: Scope) -> str:
    """Return why a mock answers what it is compared with: the test told it so."""
    asked = made_here(left, scope)
    asked = asked.value if isinstance(asked, ast.Await) else asked
    if not isinstance(asked, ast.Call) or not (path := dotted(asked.func)):
        return ""
    said = ast.dump(right)
    told = any(
        ast.dump(stated.node.value) == said
        and any(dotted(one) == f"{path}.return_value" for one in stated.node.targets)
        for stated in scope.writes
        if isinstance(stated.node, ast.Assign)
    )
    return f"`{path}` is a mock that answers what the test told it" if told else ""


def why_it_was_called(call: ast.Call, scope: Scope, case: Case) -> str:
    """Return why a mock has been called: by the test itself, and by nobody else."""
    name = root_name(call.func)
    if not ASKS.match(getattr(call.func, "attr", "")) or not _is_made(name, scope, case.module):
        return ""
    uses = [*_uses(name, case.scope.node)]
    if None in uses or not any(use is not None and not KNOWS.search(use) for use in uses):
        return ""
    return f"only the test itself calls `{name}`"


def _is_made(name: str, scope: Scope, module: Module) -> bool:
    """Tell whether a name is a mock that was made in this function."""
    made = made_here(ast.Name(name), scope) if name else None
    if not isinstance(made, ast.Call):
        return False
    return full_name(made.func, module).rpartition(".")[2] in BARE


def _is_untold(name: str, scope: Scope, case: Case) -> bool:
    """Tell whether a name is a mock that nobody told anything, and that nobody else has."""
    made = made_here(ast.Name(name), scope)
    if not isinstance(made, ast.Call) or not _is_made(name, scope, case.module):
        return False
    told = made.args or any(one.arg != "name" for one in made.keywords)
    return not told and _is_kept(name, case)


def _is_kept(name: str, case: Case) -> bool:
    """Tell whether a test hands a thing to nobody, and sets nothing of it."""
    uses = [*_uses(name, case.scope.node)]
    return None not in uses and "" not in uses


def _uses(name: str, node: ast.AST, above: tuple[ast.AST, ...] = ()) -> Iterator[str | None]:
    """Yield what is done with a mock: what is called, empty for what is set, None for the rest.

    To hand it over is that rest: somebody else may set its attributes, or call it.
    """
    if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
        yield _use(node, above)
        return
    for child in ast.iter_child_nodes(node):
        yield from _uses(name, child, (node, *above))


def _use(node: ast.expr, above: tuple[ast.AST, ...]) -> str | None:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    if sum(isinstance(one, functions) for one in above) > 1:
        return None
    at: ast.AST = node
    for one in above:
        if isinstance(one, ast.Attribute):
            if not isinstance(one.ctx, ast.Load):
                return ""
        elif isinstance(one, ast.Call) and one.func is at:
            return dotted(one.func) or None
        else:
            is_asserted = any(isinstance(it, ast.Assert) for it in above)
            return "assert_" if is_asserted and not isinstance(one, ast.Call) else None
        at = one
    return None
