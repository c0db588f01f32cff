"""TH1: what a test asserts, and whether that can fail."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from test_harness.suite.lint.asserting import Check
from test_harness.suite.lint.finding import File, Found, Rule
from test_harness.suite.lint.rules.hopeless import (
    COROUTINE,
    is_bare_coroutine,
    why_it_holds,
)
from test_harness.suite.lint.rules.mocked import why_it_was_called
from test_harness.suite.lint.rules.tested import COMPARED, compares_nothing, tested
from test_harness.suite.lint.statuses import (
    SUCCESS,
    WITHOUT_BODY,
    is_status,
    is_success,
    may_be_status,
    status_named,
)
from test_harness.suite.reading.cases import Case
from test_harness.suite.reading.names import constant, dotted, value_of
from test_harness.suite.reading.scopes import Called, Scope

NO_ASSERTION = Rule(
    "TH101",
    "no-assertion",
    "{} asserts nothing: it passes whatever is answered.",
    "Assert what should be true at its end; that nothing is raised, say by `does_not_raise()`.",
)
PERMISSIVE_STATUS = Rule(
    "TH102",
    "permissive-status",
    "The status may be {}: more than one answer passes.",
    "Expect one status; where it depends on the case, make it a parameter of the test.",
)
STATUS_ALONE = Rule(
    "TH103",
    "status-alone",
    "Only the status of the answer is asserted, {}; nobody looks at what it says.",
    "Assert the body as well, or what the request changed; of an error, what it says.",
)
CANNOT_FAIL = Rule(
    "TH104",
    "cannot-fail",
    "The assertion cannot fail: {}.",
    "Assert a value that would be another one if the code was wrong.",
)
RULES = (NO_ASSERTION, PERMISSIVE_STATUS, STATUS_ALONE, CANNOT_FAIL)

# Names that say that to end is all that is asked for.
ENDS = (
    "not_raise", "no_raise", "without_error", "no_error", "not_crash", "no_crash", "not_fail",
    "noop", "no_op", "swallow",
)  # fmt: skip
SAYS_SO = re.compile(
    r"(should|must|does|do|will|shall) ?(not|n't) (raise|throw)|no exceptions? (is|are|should)"
    r"|should(n't| never) (raise|throw)", re.IGNORECASE,
)  # fmt: skip
REDIRECTS = {301, 302, 303, 307, 308}
GONE = {404, 410}
NO_BODY_METHODS = {"head", "options", "trace"}
GROUPS = {"frozenset", "set", "tuple", "list"}
METHODS = {"get", "post", "put", "patch", "delete", "request", "send"}


def look(file: File) -> Iterator[Found]:
    """Yield what is weak about the assertions of a file."""
    for case in file.running:
        checks = file.checks.plain(case)
        yield from _never_awaited(file, case)
        if not checks:
            yield from _without(file, case)
        for check in checks:
            yield from _of_one(file, check, case)
        # What helpers assert is looked up only where it matters.
        if [*_status_alone(checks, case)]:
            yield from _status_alone(file.checks_of(case), case)


def _without(file: File, case: Case) -> Iterator[Found]:
    if any(part in case.scope.name for part in ENDS) or _is_abstract(case):
        return
    if not file.checks.any(case) and not _says_so(case):
        yield Found(NO_ASSERTION, case.scope.node, case.scope.name, case)


def _says_so(case: Case) -> bool:
    """Tell whether a comment in a test says that to raise nothing is all that is asked for."""
    node: Any = case.scope.node
    lines = case.module.text.splitlines()[node.lineno : node.end_lineno]
    return any(SAYS_SO.search(line) for line in lines)


def _is_abstract(case: Case) -> bool:
    return any("NotImplementedError" in ast.dump(stated.node) for stated in case.scope.raises)


def _of_one(file: File, check: Check, case: Case) -> Iterator[Found]:
    scope = check.place.scope
    if isinstance(check.node, ast.Call):
        reason = compares_nothing(check.node) or why_it_was_called(check.node, scope, case)
        if reason:
            yield Found(CANNOT_FAIL, check.node, reason, case)
    reasons = []
    for test in tested(check):
        if statuses := permitted(test, scope):
            yield Found(PERMISSIVE_STATUS, check.node, statuses, case)
        reasons.append(why_it_holds(test, scope, case) or _never_run(test, check, file))
    if all(reasons):  # of `a and b`, one that may be false is enough
        yield from (Found(CANNOT_FAIL, check.node, reason, case) for reason in reasons[:1])


def _never_run(test: ast.expr, check: Check, file: File) -> str:
    """Return why what the project's own function answers is true: it is asynchronous."""
    scope = check.place.scope
    own = {*scope.names, *scope.parameters}
    if not isinstance(test, ast.Call) or getattr(test.func, "id", "") in own:
        return ""
    found = file.project.called(Called("", test, check.place), file.module)
    is_one = found is not None and is_bare_coroutine(found[1].node)
    return COROUTINE if is_one else ""


def _never_awaited(file: File, case: Case) -> Iterator[Found]:
    """Yield calls of asynchronous helpers that are not awaited, and so do nothing."""
    for scope in case.scope.walk():
        for called in scope.calls:
            if id(called.node) not in case.module.bare:
                continue
            function = called.node.func
            of_self = isinstance(function, ast.Attribute) and dotted(function.value) == "self"
            if not isinstance(function, ast.Name) and not of_self:
                continue
            imported = called.name in case.module.imports
            found = None if imported else file.project.called(called, case.module)
            # A decorator may run it.
            if found is not None and is_bare_coroutine(found[1].node):
                said = f"nobody awaits `{called.name}(...)`, which therefore does nothing"
                yield Found(CANNOT_FAIL, called.node, said, case)


def permitted(test: ast.expr, scope: Scope) -> str:
    """Return which statuses an expression takes, as words; nothing where it is one."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or):
        values = [_equal_status(one, scope) for one in test.values]
        found = {value for value in values if value is not None}
        if not found or (None not in values and len(found) == 1):
            return ""
        words = _either(found)
        return words if None not in values else f"{words}, or any other where the rest holds"
    if isinstance(test, ast.Call):
        return _any_of(test, scope)
    if not isinstance(test, ast.Compare):
        return ""
    return _between(test, scope) if len(test.ops) > 1 else _compared(test, scope)


def _any_of(test: ast.Call, scope: Scope) -> str:
    """Return the statuses of `any(status == one for one in (200, 404))`, or of its first digit."""
    if isinstance(test.func, ast.Attribute) and test.func.attr == "startswith" and test.args:
        text, first = test.func.value, constant(test.args[0])
        of = text.args[0] if isinstance(text, ast.Call) and text.args else text
        return f"any that begins with {first}" if is_status(of, scope) else ""
    inner = test.args[0] if getattr(test.func, "id", "") == "any" and test.args else None
    if not isinstance(inner, (ast.GeneratorExp, ast.ListComp)):
        return ""
    compared, source = inner.elt, inner.generators[0]
    if not isinstance(compared, ast.Compare) or not isinstance(compared.ops[0], ast.Eq):
        return ""
    sides = (compared.left, compared.comparators[0])
    compared_with = next((one for one in sides if is_status(one, scope)), None)
    return _one_of(compared_with, source.iter, scope) if compared_with is not None else ""


def _compared(test: ast.Compare, scope: Scope) -> str:
    left, operator, right = test.left, test.ops[0], test.comparators[0]
    if isinstance(operator, ast.In):
        return _one_of(left, right, scope)
    if isinstance(operator, ast.NotIn):
        either = _one_of(left, right, scope)
        return f"anything but {either}" if either else ""
    if isinstance(left, ast.BinOp) and isinstance(left.op, ast.FloorDiv):
        family = constant(right)
        is_family = is_status(left.left, scope) and isinstance(family, int)
        return f"any from {family}00 to {family}99" if is_family else ""
    if isinstance(left, ast.Constant):
        left, right = right, left
    status = status_named(right)
    if status is None or not is_status(left, scope):
        return ""
    words = {ast.Lt: "below", ast.LtE: "at most", ast.Gt: "above", ast.GtE: "at least"}
    if isinstance(operator, ast.NotEq):
        return f"anything but {status}"
    word = words.get(type(operator))
    return f"any that is {word} {status}" if word else ""


def _between(test: ast.Compare, scope: Scope) -> str:
    if len(test.ops) == len(("low", "high")) and is_status(test.comparators[0], scope):
        low, high = status_named(test.left), status_named(test.comparators[1])
        if low is not None and high is not None and low != high:
            return f"any from {low} to {high}"
    return ""


def _one_of(left: ast.expr, right: ast.expr, scope: Scope) -> str:
    if isinstance(right, ast.Name):
        right = value_of(right.id, scope) or right
    if isinstance(right, ast.Call) and getattr(right.func, "id", "") in GROUPS and right.args:
        right = right.args[0]
    if isinstance(right, ast.Call) and getattr(right.func, "id", "") == "range":
        numbers = [constant(one) for one in right.args]
        if is_status(left, scope) and len(numbers) > 1:
            return f"any from {numbers[0]} to {numbers[1]}"
    if not isinstance(right, (ast.Tuple, ast.List, ast.Set)):
        return ""
    statuses = [status_named(one) for one in right.elts]
    found = {one for one in statuses if one is not None}
    if None in statuses or len(found) < 2 or not may_be_status(left, scope):
        return ""
    # Which of them a redirect has is seldom what a test is about.
    return "" if found <= REDIRECTS else _either(found)


def _either(statuses: set[int]) -> str:
    *first, last = sorted(statuses)
    return f"{', '.join(map(str, first))} or {last}" if first else str(last)


def _equal_status(test: ast.expr, scope: Scope) -> int | None:
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return None
    if not isinstance(test.ops[0], ast.Eq):
        return None
    for one, other in ((test.left, test.comparators[0]), (test.comparators[0], test.left)):
        status = status_named(other)
        if status is not None and may_be_status(one, scope):
            return status
    return None


def status_of(check: Check) -> int | None:
    """Return the status that an assertion expects, if it looks at nothing else."""
    node = check.node
    if is_success(node.test if isinstance(node, ast.Assert) else node, check.place.scope):
        return SUCCESS
    if isinstance(node, ast.Assert):
        return _equal_status(node.test, check.place.scope)
    if getattr(node.func, "attr", "") not in COMPARED:
        return None
    return next((_equal_status(test, check.place.scope) for test in tested(check)), None)


def _is_of_another(check: Check) -> bool:
    """Tell whether the status is that of a request which only looks."""
    tested = [
        value.func.attr
        for part in ast.walk(check.node)
        for value in (_answer(part, check.place.scope),)
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute)
    ]
    return "get" in tested and "delete" not in tested


def _answer(node: ast.AST, scope: Scope) -> ast.expr | None:
    value = value_of(node.id, scope) if isinstance(node, ast.Name) else node
    value = value.value if isinstance(value, ast.Await) else value
    return value if isinstance(value, ast.expr) else None


def _status_alone(checks: list[Check], case: Case) -> Iterator[Found]:
    if not checks or any(place.kind == "except" for place in checks[-1].place.within()):
        return  # that of an exception is another matter
    statuses = [status_of(check) for check in checks]
    expected = {status for status in statuses if status is not None}
    # Two answers that differ show what came of a request: logged out, deleted.
    if None in statuses or len(expected) != 1 or expected & WITHOUT_BODY:
        return
    methods = {called.name for called in case.scope.calls}
    if expected <= GONE and "delete" in methods and _is_of_another(checks[-1]):
        return
    if methods & NO_BODY_METHODS and not methods & METHODS:
        return
    last = checks[-1]
    tested = last.node.test if isinstance(last.node, ast.Assert) else last.node
    shown = "a success" if is_success(tested, last.place.scope) else str(min(expected))
    yield Found(STATUS_ALONE, last.node, shown, case)
