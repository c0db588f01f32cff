"""What a test changes for the whole process: paths, folders, handlers, parts of modules."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from test_harness.suite.reading.cases import Case
from test_harness.suite.reading.names import dotted, full_name
from test_harness.suite.reading.scopes import Scope

# What a call changes, by its full name.
CALLS = {
    "os.chdir": "the working directory",
    "os.putenv": "the environment",
    "os.umask": "the mask of new files",
    "sys.path.insert": "`sys.path`",
    "sys.path.append": "`sys.path`",
    "sys.path.extend": "`sys.path`",
    "sys.setrecursionlimit": "the limit of recursion",
    "locale.setlocale": "the locale",
    "logging.disable": "logging",
    "signal.signal": "the handler of a signal",
    "socket.setdefaulttimeout": "the time-out of sockets",
}
ENVIRONMENT = "os.environ"
TAKES_OUT = {"pop", "clear", "popitem"}
NAMES = {name.rpartition(".")[2] for name in CALLS}
# Who puts back what is changed past it as well.
RESTORE = {"monkeypatch", "tmp_cwd"}
SET_UP = {"setUp", "asyncSetUp", "setup_method", "setUpClass"}
PUTS_BACK = {"stop", "addCleanup", "addfinalizer", "undo", "callback", "enterContext"}


def process_changes(scope: Scope, case: Case) -> Iterator[tuple[str, ast.AST]]:
    """Yield what calls of a test change for the whole process, and do not put back."""
    yield from _taken_out(scope, case)
    named = [
        (called, full_name(called.node.func, case.module))
        for called in scope.calls
        if called.name in NAMES
    ]
    if not named or _is_restored(case):
        return
    for called, name in named:
        # Who does it twice goes back.
        is_once = [one for _, one in named].count(name) == 1
        if name in CALLS and is_once and called.place.kind != "finally":
            yield CALLS[name], called.node


def _taken_out(scope: Scope, case: Case) -> Iterator[tuple[str, ast.AST]]:
    """Yield where a test takes out variables that it has not set itself."""
    nodes: list[ast.AST] = [
        called.node
        for called in scope.calls
        if called.name in TAKES_OUT and _is_environment(called.node.func, case)
    ]
    nodes += [
        stated.node
        for stated in scope.writes
        if isinstance(stated.node, ast.Delete)
        and any(_is_environment(one, case) for one in stated.node.targets)
    ]
    sets = any(
        _is_environment(target, case)
        for inner in case.scope.walk()
        for stated in inner.writes
        for target in getattr(stated.node, "targets", ())
        if not isinstance(stated.node, ast.Delete)
    )
    if nodes and not sets and not _is_restored(case) and "patch.dict" not in case.module.text:
        yield from (("the environment", node) for node in nodes)


def _is_environment(node: ast.expr, case: Case) -> bool:
    """Tell whether an expression is a variable, or a method of all of them."""
    return full_name(getattr(node, "value", node), case.module) == ENVIRONMENT


def imported_part(target: ast.Attribute, scope: Scope, case: Case) -> str:
    """Return what of an imported module, class or object an assignment changes; else nothing."""
    name = dotted(target)
    first = name.partition(".")[0]
    if first not in case.module.imports or _is_local(first, scope) or _is_restored(case):
        return ""
    times = sum(
        dotted(one) == name
        for inner in case.scope.walk()
        for stated in inner.writes
        for one in getattr(stated.node, "targets", ())
    )
    return f"`{name}`" if times == 1 else ""


def _is_restored(case: Case) -> bool:
    """Tell whether a test has something that puts back what it changes."""
    if RESTORE & {*case.parameters} or any(map(_adds_cleanup, case.scope.walk())):
        return True
    return restored_around(case)


def _adds_cleanup(scope: Scope) -> bool:
    return any(called.name in PUTS_BACK for called in scope.calls)


def _is_local(name: str, scope: Scope) -> bool:
    at: Scope | None = scope
    while at is not None and at.is_function:
        if name in at.parameters or name in at.names:
            return True
        at = at.above
    return False


def restored_around(case: Case) -> bool:
    """Tell whether the class of the test or its file tidies up after each test."""
    around: Scope | None = case.scope.above
    while around is not None:
        names = {inner.name for inner in around.scopes}
        if any(_adds_cleanup(inner) for inner in around.scopes if inner.name in SET_UP):
            return True
        if names & {"tearDown", "teardown_method", "tearDownClass", "teardown_function",
                    "asyncTearDown", "teardown_module", "teardown_class"}:  # fmt: skip
            return True
        around = around.above
    return _by_a_fixture(case)


def _by_a_fixture(case: Case) -> bool:
    """Tell whether an autouse fixture of the file or the class puts things back."""
    around: list[Scope | None] = [case.module.scope]
    at = case.scope.above
    while at is not None:
        around.append(at)
        at = at.above
    return any(
        isinstance(node, ast.keyword) and node.arg == "autouse"
        for function in case.module.functions
        if function.above in around and _goes_on(function)
        for decorator in getattr(function.node, "decorator_list", ())
        for node in ast.walk(decorator)
    )


def _goes_on(function: Scope) -> bool:
    """Tell whether a fixture puts things back, after the test or before the next one."""
    if RESTORE & {*function.parameters} or _adds_cleanup(function) or function.writes:
        return True
    return any(isinstance(node, ast.Yield) for node in ast.walk(function.node))
