"""TH5: tests that need others before them, or change what others find."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import groupby, pairwise

from test_harness.suite.lint.finding import File, Found, Rule
from test_harness.suite.lint.rules.process import (
    ENVIRONMENT,
    imported_part,
    process_changes,
    restored_around,
)
from test_harness.suite.reading.cases import Case
from test_harness.suite.reading.names import dotted, full_name, made_here, root_name
from test_harness.suite.reading.scopes import Scope, Stated

ORDER = Rule(
    "TH501",
    "ordered-by-name",
    "The name puts the test {}: alone, or in another order, it may not pass.",
    "Let each test arrange what it needs; a journey in steps is one test.",
)
SHARED_STATE = Rule(
    "TH502",
    "shared-state",
    "The test changes {}, which the tests after it find changed.",
    "Make it in a fixture, or change it with `monkeypatch`, which puts it back.",
)
RULES = (ORDER, SHARED_STATE)

NUMBERED = re.compile(r"test_(?:step_?|part_?)?(\d{1,2})(?=_|$)")
LETTERED = re.compile(r"test_([a-z])_")
# Four are a record of DNS.
OUTERMOST = re.compile(r"test_(?:(z{2,})|a{3}(?:a{2,})?)(?=_|$)")
FEWEST_NUMBERED, FEWEST_LETTERED = 2, 3
CHANGES = {
    "append", "extend", "insert", "add", "update", "setdefault", "pop", "popitem", "remove",
    "clear", "discard", "appendleft",
}  # fmt: skip
SETS = {"update", "setdefault"}
MUTABLE_CALLS = {"list", "dict", "set", "defaultdict", "OrderedDict", "Counter", "deque"}
OF_A_CLASS = {"self", "cls", "type(self)", "self.__class__"}
OVERRIDES = "dependency_overrides"
MAPPINGS = {"sys.modules"}


def look(file: File) -> Iterator[Found]:
    """Yield what ties the tests of a file to each other."""
    yield from _ordered(file)
    for case in file.running:
        yield from _changed(case, file)


def _ordered(file: File) -> Iterator[Found]:
    for _, group in groupby(file.running, key=lambda case: id(case.scope.above)):
        cases = [*group]
        for case in cases:
            if len(cases) > 1 and (found := OUTERMOST.match(case.scope.name)):
                where = "behind all others" if found[1] else "before all others"
                yield Found(ORDER, case.scope.node, where, case)
        for pattern, fewest in ((NUMBERED, FEWEST_NUMBERED), (LETTERED, FEWEST_LETTERED)):
            named = [
                (found[1], case) for case in cases if (found := pattern.match(case.scope.name))
            ]
            if len(named) < fewest or not _is_a_row([it for it, _ in named]):
                continue
            for (before, _), (now, case) in pairwise(named):
                if before != now:
                    yield Found(ORDER, case.scope.node, f"after `{before}`", case)


def _is_a_row(parts: list[str]) -> bool:
    """Tell whether these count up by one, from the start."""
    numbers = [int(it) if it.isdigit() else ord(it) - ord("a") + 1 for it in parts]
    steps = [b - a for a, b in pairwise(numbers)]
    return numbers[0] in (0, 1) and all(step in (0, 1) for step in steps) and any(steps)


def _changed(case: Case, file: File) -> Iterator[Found]:
    told: set[str] = set()
    for scope in case.scope.walk():
        for what, node in _changes(scope, case, file):
            if what not in told:
                told.add(what)
                yield Found(SHARED_STATE, node, what, case)


def _changes(scope: Scope, case: Case, file: File) -> Iterator[tuple[str, ast.AST]]:
    for name in scope.shared:
        if name in scope.names and not _is_of_a_function_around(name, scope):
            assigned = next(iter(_assigned(scope, name)), None)
            if assigned is not None and not _is_put_back(name, assigned, case):
                yield f"`{name}` of the module", assigned
    for stated in scope.writes:
        for target in _targets(stated.node):
            what = _what(target, scope, case, file)
            if what and not _is_restored(root_name(target), stated, case):
                yield what, stated.node
    yield from process_changes(scope, case)
    yield from _called(scope, case, file)


def _called(scope: Scope, case: Case, file: File) -> Iterator[tuple[str, ast.AST]]:
    """Yield what methods that are called change: `made.append(...)`."""
    for called in scope.calls:
        function = called.node.func
        if called.name not in CHANGES or not isinstance(function, ast.Attribute):
            continue
        name = _written(function.value)
        if _is_of_class(name, scope):
            yield f"the class, `{name}`", called.node
        shared = _is_mutable(name, scope, file)
        environment = full_name(function.value, file.module) == ENVIRONMENT
        if (shared and called.name != "clear") or (environment and called.name in SETS):
            what = "the environment" if environment else f"`{name}` of the module"
            if not _is_restored(name.partition(".")[0], Stated(ast.Pass(), called.place), case):
                yield what, called.node


def _is_of_a_function_around(name: str, scope: Scope) -> bool:
    """Tell whether a name that a function shares is that of another function: `nonlocal`."""
    return scope.above is not None and scope.above.is_function and _is_local(name, scope.above)


def _is_of_class(name: str, scope: Scope) -> bool:
    """Tell whether `self.name` is a list, a dictionary or a set that all tests of a class have."""
    receiver, _, attribute = name.rpartition(".")
    at: Scope | None = scope.above
    if at is None or not at.is_class or receiver not in {*OF_A_CLASS, at.name}:
        return False
    given = at.names.get(attribute, [])
    own = any(
        isinstance(target, ast.Attribute) and target.attr == attribute
        for method in at.scopes
        for stated in method.writes
        for target in _targets(stated.node)
    )
    return not own and len(given) == 1 and isinstance(given[0], (ast.List, ast.Dict, ast.Set))


def _written(node: ast.expr) -> str:
    """Return a name as it is written, `type(self).made` among them."""
    of = node.value if isinstance(node, ast.Attribute) else node
    return ast.unparse(node) if isinstance(of, ast.Call) else dotted(node)


def _assigned(scope: Scope, name: str) -> Iterator[ast.AST]:
    for node in ast.walk(scope.node):
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)) and any(
            isinstance(one, ast.Name) and one.id == name for one in targets
        ):
            yield node


def _is_put_back(name: str, node: ast.AST, case: Case) -> bool:
    return any(
        isinstance(one, ast.Try) and any(dotted_in(part, name) for part in one.finalbody)
        for one in ast.walk(case.scope.node)
    )


def dotted_in(node: ast.AST, name: str) -> bool:
    """Tell whether a name is used somewhere in a statement."""
    return any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(node))


def _targets(node: ast.stmt) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    target = getattr(node, "target", None)
    return [target] if isinstance(target, ast.expr) else []


def _what(target: ast.expr, scope: Scope, case: Case, file: File) -> str:
    """Return what of others an assignment changes; empty if it is the test's own."""
    if isinstance(target, ast.Subscript):
        name = dotted(target.value)
        if full_name(target.value, file.module) == ENVIRONMENT:
            return "the environment"
        overrides = name.endswith(f".{OVERRIDES}") and not _is_made_here(name, scope)
        if overrides or full_name(target.value, file.module) in MAPPINGS:
            return f"`{name}`"
        return f"`{name}` of the module" if _is_mutable(name, scope, file) else ""
    if not isinstance(target, ast.Attribute):
        return ""
    name = dotted(target.value)
    if isinstance(target.value, ast.Call) and ast.unparse(target.value) == "type(self)":
        name = "type(self)"
    is_class = name in ("self.__class__", "cls", "type(self)") or _is_class_here(name, scope, file)
    if is_class:
        return f"the class, `{name}.{target.attr}`"
    return imported_part(target, scope, case)


def _is_made_here(name: str, scope: Scope) -> bool:
    """Tell whether the application is the test's own: `app = FastAPI()`."""
    made = made_here(ast.Name(name.partition(".")[0]), scope)
    return isinstance(made, ast.Call)


def _is_class_here(name: str, scope: Scope, file: File) -> bool:
    """Tell whether a name is that of the class of tests that the test stands in."""
    at = scope.above
    while at is not None:
        if at.is_class and at.name == name and not _is_local(name, scope):
            return True
        at = at.above
    return False


def _is_mutable(name: str, scope: Scope, file: File) -> bool:
    """Tell whether a name is a list, a dictionary or a set of the module."""
    given = file.module.scope.names.get(name)
    if not given or len(given) != 1 or _is_local(name, scope):
        return False
    value = given[0]
    return isinstance(value, (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp)) or (
        isinstance(value, ast.Call) and dotted(value.func).rpartition(".")[2] in MUTABLE_CALLS
    )


def _is_local(name: str, scope: Scope) -> bool:
    at: Scope | None = scope
    while at is not None and at.is_function:
        if name in at.parameters or (name in at.names and name not in at.shared):
            return True
        at = at.above
    return False


def _is_restored(name: str, stated: Stated, case: Case) -> bool:
    """Tell whether the test puts back what it changed, or something does that for it."""
    if stated.place.kind == "finally":
        return True
    for scope in case.scope.walk():
        for called in scope.calls:
            receiver = root_name(called.node.func)
            if called.name in ("clear", "pop", "stop", "undo", "addCleanup", "addfinalizer") and (
                receiver == name or called.name in ("addCleanup", "addfinalizer")
            ):
                return True
            if called.name == "dict" and "patch" in dotted(called.node.func):
                return True
        for deleted in scope.writes:
            if isinstance(deleted.node, ast.Delete) and any(
                root_name(one) == name for one in deleted.node.targets
            ):
                return True
    if any(_in_finally(name, one) for one in ast.walk(case.scope.node)):
        return True
    return restored_around(case) or any(one.name.endswith("patch.dict") for one in case.decorators)


def _in_finally(name: str, node: ast.AST) -> bool:
    return isinstance(node, ast.Try) and any(dotted_in(part, name) for part in node.finalbody)
