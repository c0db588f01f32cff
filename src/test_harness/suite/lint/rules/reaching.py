"""Assertions that may never be reached: in loops, under conditions, behind a `return`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from test_harness.suite.lint.asserting import Check
from test_harness.suite.lint.finding import File, Found, Rule
from test_harness.suite.lint.iterables import has_some, written
from test_harness.suite.lint.rules.assertions import status_of
from test_harness.suite.reading.cases import Case
from test_harness.suite.reading.names import constant, dotted, root_name, value_of
from test_harness.suite.reading.scopes import Place

LOOP_MAY_NOT_RUN = Rule(
    "TH202",
    "loop-may-not-run",
    "All that is asserted stands in {}, which may have nothing to go through.",
    "Assert before it how many there are, or compare the whole list at once.",
)
ONLY_UNDER_CONDITION = Rule(
    "TH203",
    "only-under-condition",
    "All that is asserted stands under {}: where that does not hold, the test passes.",
    "Assert the condition itself, or arrange the test so that it always holds.",
)
LOOPS = {"for", "while"}
# Where tests run, which is no matter of what they see.
SURROUNDINGS = (
    "sys.", "os.", "platform", "dialect", "engine", "version", "sqlite", "postgres", "mysql",
    "DATABASE",
)  # fmt: skip
ENDINGS = ("skip", "fail", "skipTest", "xfail", "exit")


def unreached(file: File, case: Case) -> Iterator[Found]:
    """Yield what keeps a test from reaching its assertions.

    Args:
        file: Where it stands.
        case: The test.
    """
    plain = file.checks.plain(case)
    if not any(_is_reached(check) for check in plain):
        yield from _unreached(file.checks_of(case), file, case)
    elif (left := _left_early(case.scope.node.body, plain, case)) is not None:  # type: ignore[attr-defined]
        yield Found(ONLY_UNDER_CONDITION, left, f"`if not ({ast.unparse(left.test)[:50]})`", case)


def _left_early(body: list[ast.stmt], checks: list[Check], case: Case) -> ast.If | None:
    """Return the condition under which a test returns before it has asserted anything."""
    telling = [check.node.lineno for check in checks if status_of(check) is None]
    for statement in body:
        if isinstance(statement, (ast.With, ast.AsyncWith)):
            if (inner := _left_early(statement.body, checks, case)) is not None:
                return inner
        elif isinstance(statement, ast.If) and _only_returns(statement):
            return None if _is_other_test(statement, case) else statement
        if any(statement.lineno <= line <= (statement.end_lineno or 0) for line in telling):
            return None
    return None


def _only_returns(node: ast.If) -> bool:
    last = node.body[-1]
    if not isinstance(last, ast.Return) or last.value is not None or node.orelse:
        return False
    return not any(
        isinstance(part, (ast.Raise, ast.Assert))
        or (
            isinstance(part, ast.Call)
            and (getattr(part.func, "attr", "") or getattr(part.func, "id", "")).startswith(ENDINGS)
        )
        for part in ast.walk(node)
    )


def _is_other_test(node: ast.If, case: Case) -> bool:
    """Tell whether a condition is known before the test: a parameter, or where it runs."""
    names = {part.id for part in ast.walk(node.test) if isinstance(part, ast.Name)}
    known = all(_is_given(name, case) or name.isupper() for name in names)
    return known or _is_guard(node)


def _is_reached(check: Check) -> bool:
    """Tell whether an assertion stands in the test itself, and looks at more than a status."""
    kinds = {place.kind for place in check.place.within()}
    is_plain = kinds <= {"def", "with"} and getattr(check.node, "test", None) is not None
    is_of_all = isinstance(getattr(check.node, "test", None), ast.Call)
    return is_plain and not is_of_all and status_of(check) is None


def _unreached(checks: list[Check], file: File, case: Case) -> Iterator[Found]:
    own = [check for check in checks if check.place.scope is case.scope]
    if not own or len(own) != len(checks) or any(_fails(check) for check in own):
        return
    telling = [check for check in own if status_of(check) is None]
    if not telling:
        return
    for check in telling:
        if not (loop := _may_not_run(check, case)):
            break
    else:
        node = loop_around(telling[0].place)
        yield Found(LOOP_MAY_NOT_RUN, node or telling[0].node, loop, case)
        return
    if (match := _some_cases(own)) is not None:
        shown = f"`match {ast.unparse(match.subject)[:60]}`"
        yield Found(ONLY_UNDER_CONDITION, match, shown, case)
        return
    conditions = [_condition(check.place, case) for check in own]
    first = conditions[0]
    if first is not None and None not in conditions and not _else_ends(file, case, conditions):
        shown = ast.unparse(first.test)
        yield Found(ONLY_UNDER_CONDITION, first, f"`if {shown[:60]}`", case)


def _some_cases(checks: list[Check]) -> ast.Match | None:
    """Return the `match` that all assertions stand in, and that may fit none of its cases."""
    around = [{id(one.node): one.node for one in check.place.within()} for check in checks]
    for node in around[0].values():
        if isinstance(node, ast.Match) and all(id(node) in nodes for nodes in around):
            last = node.cases[-1]
            open_end = isinstance(last.pattern, ast.MatchAs) and last.pattern.pattern is None
            return None if open_end and last.guard is None else node
    return None


def _fails(check: Check) -> bool:
    """Tell whether it is `pytest.fail`, whose condition is what is asserted."""
    called = check.node
    return isinstance(called, ast.Call) and "fail" in dotted(called.func).rpartition(".")[2]


def _may_not_run(check: Check, case: Case) -> str:
    """Return what an assertion stands in that may go through nothing; empty if none."""
    loop = loop_around(check.place)
    if isinstance(loop, (ast.For, ast.AsyncFor)):
        return "" if has_some(loop.iter, case.scope) else "a loop"
    if isinstance(loop, ast.While):
        return "" if constant(loop.test) in (True, 1) else "a loop"
    test = getattr(check.node, "test", None)
    if isinstance(test, ast.Call) and dotted(test.func) == "all" and test.args:
        inner = test.args[0]
        if isinstance(inner, (ast.GeneratorExp, ast.ListComp)):
            source = inner.generators[0]
            if source.ifs or not has_some(source.iter, case.scope):
                return "`all(...)`"
    return ""


def loop_around(place: Place) -> ast.AST | None:
    """Return the outermost loop around a place."""
    return next((one.node for one in reversed([*place.within()]) if one.kind in LOOPS), None)


def _condition(place: Place, case: Case) -> ast.If | None:
    """Return the outermost condition around an assertion that decides whether it is reached."""
    outermost = None
    for one in place.within():
        if one.kind in ("if", "else") and isinstance(one.node, ast.If):
            names = {part.id for part in ast.walk(one.node.test) if isinstance(part, ast.Name)}
            if names and all(_is_given(name, case) or name in _cases(place) for name in names):
                return None  # another test, by its parameter
            outermost = one.node
    return outermost


def _cases(place: Place) -> set[str]:
    """Return the names that loops around a place give to cases which are written down."""
    return {
        part.id
        for one in place.within()
        if isinstance(one.node, ast.For) and written(one.node.iter, place.scope) is not None
        for part in ast.walk(one.node.target)
        if isinstance(part, ast.Name)
    }


def _is_given(name: str, case: Case) -> bool:
    """Tell whether a name is a parameter, or a part of one that pytest gives by its cases."""
    if name in case.parameters:
        return True
    written = " ".join(
        str(constant(mark.call.args[0])) if mark.call and mark.call.args else ""
        for mark in case.marks("parametrize")
    )
    value = value_of(name, case.scope)
    return value is not None and root_name(value) in written.replace(",", " ").split()


def _else_ends(file: File, case: Case, conditions: list[ast.If | None]) -> bool:
    """Tell whether another branch of the conditions asserts, fails, raises or skips."""
    kinds: dict[int, set[str]] = {}
    reached = [check.place for check in file.checks_of(case)]
    reached += [stated.place for stated in case.scope.raises]
    reached += [one.place for one in case.scope.calls if one.name in ("skip", "fail", "skipTest")]
    for place in reached:
        for one in place.within():
            if one.kind in ("if", "else"):
                kinds.setdefault(id(one.node), set()).add(one.kind)
    return any(
        (len(kinds.get(id(one), ())) > 1 and _has_else(one)) or _is_guard(one)
        for one in conditions
        if one
    )


def _has_else(node: ast.If) -> bool:
    """Tell whether one of the branches of a condition is always taken."""
    if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
        return _has_else(node.orelse[0])
    return bool(node.orelse)


def _is_guard(node: ast.If) -> bool:
    """Tell whether a condition is about where tests run, not about what they see."""
    shown = ast.unparse(node.test)
    return any(part in shown for part in SURROUNDINGS)
