"""TH2: assertions that may never be reached, and cases that are no cases of pytest."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TypeGuard

from test_harness.suite.lint.asserting import Check
from test_harness.suite.lint.finding import File, Found, Rule
from test_harness.suite.lint.iterables import THROUGH, written
from test_harness.suite.lint.rules.reaching import (
    LOOP_MAY_NOT_RUN,
    ONLY_UNDER_CONDITION,
    loop_around,
    unreached,
)
from test_harness.suite.reading.cases import Case
from test_harness.suite.reading.helpers import asked_for
from test_harness.suite.reading.names import dotted, root_name, value_of
from test_harness.suite.reading.scopes import Place, Scope

LOOP_OVER_CASES = Rule(
    "TH201",
    "loop-over-cases",
    "A loop runs {} cases in one test: the first that fails hides the others.",
    "Make them cases of pytest: `@pytest.mark.parametrize`.",
)
NO_CASES = Rule(
    "TH204",
    "no-cases",
    "The test is parametrised over {}: it may have no case, and is skipped without a word.",
    "Write the cases down, or set `empty_parameter_set_mark = fail_at_collect` for pytest.",
)
RULES = (LOOP_OVER_CASES, LOOP_MAY_NOT_RUN, ONLY_UNDER_CONDITION, NO_CASES)

FAILS_WHEN_EMPTY = "fail_at_collect"
FILES = {"glob", "rglob", "iglob", "listdir", "scandir", "iterdir", "walk"}
FEWEST_CASES = 2
# What only names a part of the page that is there: of Playwright, and of Selenium.
PART_OF_A_PAGE = re.compile(r"(locator|get_by_\w+|find_elements?|query_selector(_all)?)$")
LITERALS = (ast.Constant, ast.List, ast.Tuple, ast.Set, ast.Dict)


def look(file: File) -> Iterator[Found]:
    """Yield where the flow of a test goes past its assertions."""
    may_be_empty = file.configuration.options.get("empty_parameter_set_mark") != FAILS_WHEN_EMPTY
    for case in file.running:
        if case.scope.loops:
            yield from _loops_over_cases(file, case)
        yield from unreached(file, case)
        if may_be_empty:
            yield from _no_cases(case)


def _loops_over_cases(file: File, case: Case) -> Iterator[Found]:
    checks = file.checks_of(case)
    for node, place in case.scope.loops:
        if not isinstance(node, (ast.For, ast.AsyncFor)) or loop_around(place):
            continue
        cases = written(node.iter, case.scope)
        inside = [check for check in checks if _is_in(check.place, node)]
        # Where something is asserted after it, the loop is a step of the test.
        is_last = bool(inside) and inside[-1] is checks[-1]
        if cases is None or cases < FEWEST_CASES or _names_its_cases(node):
            continue
        if _is_of_the_test(node.iter, case.scope):
            continue
        if is_last and (_acts(node) or _asks_anew(file, node, inside, case)):
            yield Found(LOOP_OVER_CASES, node, str(cases), case)


def _is_in(place: Place, node: ast.AST) -> bool:
    at: Place | None = place
    while at is not None:
        if at.node is node:
            return True
        at = at.above
    return False


def _names_its_cases(loop: ast.AST) -> bool:
    """Tell whether each case is a test of its own: `self.subTest(...)`, `subtests.test(...)`."""
    return any(
        isinstance(part, ast.withitem)
        and isinstance(part.context_expr, ast.Call)
        and dotted(part.context_expr.func).rpartition(".")[2] in ("subTest", "test")
        for part in ast.walk(loop)
    )


def _is_of_the_test(node: ast.expr, scope: Scope) -> bool:
    """Tell whether the cases are things that the test has made or asked for.

    What is known before it runs can be its parameter; this cannot.
    """
    if isinstance(node, ast.Name):
        node = value_of(node.id, scope) or node
    own = {*scope.names, *asked_for(scope)}
    names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    made = [value_of(name, scope) for name in names & own]
    return any(one is None or not isinstance(one, LITERALS) for one in made)


def _acts(loop: ast.For | ast.AsyncFor) -> bool:
    """Tell whether a loop calls what is tested each time, not only looks at the same answer."""
    targets = {part.id for part in ast.walk(loop.target) if isinstance(part, ast.Name)}
    for statement in loop.body:
        if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
            called = statement.value
            called = called.value if isinstance(called, ast.Await) else called
            name = getattr(called.func, "attr", "") if isinstance(called, ast.Call) else ""
            if (
                isinstance(called, ast.Call)
                and not PART_OF_A_PAGE.match(name)
                and targets
                & {
                    part.id
                    for argument in (*called.args, *(one.value for one in called.keywords))
                    for part in ast.walk(argument)
                    if isinstance(part, ast.Name)
                }
            ):
                return True
        if isinstance(statement, (ast.With, ast.AsyncWith)):
            return True
    return False


def _asks_anew(file: File, loop: ast.For | ast.AsyncFor, inside: list[Check], case: Case) -> bool:
    """Tell whether an assertion calls a function of the project for each case."""
    targets = {part.id for part in ast.walk(loop.target) if isinstance(part, ast.Name)}
    called = [
        part
        for check in inside
        if isinstance(check.node, ast.Assert)
        for part in ast.walk(check.node.test)
        if isinstance(part, ast.Call)
    ]
    return any(
        targets & {part.id for one in call.args for part in ast.walk(one) if _is_name(part)}
        and (found := file.project.scope_of(dotted(call.func), case.module)) is not None
        and found[0] is not case.module
        and not file.project.is_of_tests(found[0])
        for call in called
    )


def _is_name(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name)


def _no_cases(case: Case) -> Iterator[Found]:
    for mark in case.marks("parametrize"):
        if mark.call is None:
            continue
        arguments = [
            *mark.call.args[1:2],
            *(k.value for k in mark.call.keywords if k.arg == "argvalues"),
        ]
        for values in arguments:
            if reason := _maybe_none(values, case.module.scope):
                yield Found(NO_CASES, mark.node, reason, case)


def _maybe_none(node: ast.expr | None, scope: Scope) -> str:
    """Return why there may be no case; nothing where there surely is or nobody knows."""
    if isinstance(node, ast.Name):
        given = scope.names.get(node.id, [None])
        is_plain = len(given) == 1 and not isinstance(given[0], ast.Name)
        return _maybe_none(given[0], scope) if is_plain and not _is_filled(node.id, scope) else ""
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return "" if node.elts else "an empty list"
    if isinstance(node, (ast.ListComp, ast.GeneratorExp, ast.SetComp)):
        source = node.generators[0]
        is_written = written(source.iter, scope) is not None
        chosen = bool(source.ifs) and not is_written
        return "what a condition leaves over" if chosen else _maybe_none(source.iter, scope)
    return _maybe_none_called(node, scope) if isinstance(node, ast.Call) else ""


def _maybe_none_called(node: ast.Call, scope: Scope) -> str:
    name = getattr(node.func, "attr", dotted(node.func))
    if name in FILES:
        return "files, of which there may be none"
    return _maybe_none(node.args[0], scope) if name in THROUGH and node.args else ""


def _is_filled(name: str, scope: Scope) -> bool:
    """Tell whether something is added to a list of the module."""
    added = ("append", "extend", "add", "update", "insert")
    return any(
        called.name in added and root_name(called.node.func) == name for called in scope.calls
    )
