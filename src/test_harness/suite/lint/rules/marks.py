"""TH6: tests that do not run, or may fail, without anybody saying why."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from test_harness.suite.lint.finding import File, Found, Rule
from test_harness.suite.reading.cases import Decorator
from test_harness.suite.reading.names import constant, full_name, keyword

SKIP = Rule(
    "TH601",
    "skip-without-reason",
    "`{}` gives no reason: nobody will know when the test can run again.",
    'Say why, and what it waits for: `reason="..."`.',
)
XFAIL = Rule(
    "TH602",
    "xfail-without-reason",
    "`{}` gives no reason: nobody will know what is to be mended.",
    'Say what is broken: `reason="..."`, and `strict=True`, so that it is seen when it is mended.',
)
RULES = (SKIP, XFAIL)

BY_NAME = {
    "pytest.mark.skip": SKIP,
    "pytest.mark.skipif": SKIP,
    "unittest.skip": SKIP,
    "pytest.mark.xfail": XFAIL,
    "pytest.skip": SKIP,
    "pytest.xfail": XFAIL,
    "self.skipTest": SKIP,
    "unittest.expectedFailure": XFAIL,
}
# The place of the reason among the arguments; what is not here takes it by its name alone.
PLACE = {
    "pytest.mark.skip": 0, "unittest.skip": 0, "pytest.skip": 0, "pytest.xfail": 0,
    "self.skipTest": 0,
}  # fmt: skip
# What has no room for a reason: a comment has to do.
UNEXPLAINED = "unittest.expectedFailure"
COMMENT = re.compile(r"#\s*\S+\s+\S")
CALLED = ("skip", "xfail", "skipTest")


def look(file: File) -> Iterator[Found]:
    """Yield each test that is left out or may fail without a reason."""
    seen: set[int] = set()
    for case in file.cases:
        for decorator in case.decorators:
            if id(decorator.node) not in seen:
                seen.add(id(decorator.node))
                yield from _of(decorator, file, case.name)
    yield from _of_cases(file)
    for scope in file.module.functions:
        for called in scope.calls:
            if called.name in CALLED:
                name = full_name(called.node.func, file.module)
                if name in BY_NAME and not _reason(name, called.node):
                    yield Found(BY_NAME[name], called.node, name, file.case_at(called.place))


def _of_cases(file: File) -> Iterator[Found]:
    """Yield marks of single cases: `pytest.param(2, marks=pytest.mark.xfail)`."""
    for called in file.module.called("param"):
        if full_name(called.node.func, file.module) != "pytest.param":
            continue
        given = keyword(called.node, "marks")
        marks = given.elts if isinstance(given, (ast.List, ast.Tuple)) else [given]
        for mark in marks:
            if mark is None:
                continue
            call = mark if isinstance(mark, ast.Call) else None
            name = full_name(call.func if call else mark, file.module)
            if name in BY_NAME and (call is None or not _reason(name, call)):
                yield Found(BY_NAME[name], mark, name)


def _of(decorator: Decorator, file: File, name: str) -> Iterator[Found]:
    rule = BY_NAME.get(decorator.name)
    if rule is None or (decorator.name == UNEXPLAINED and _is_explained(decorator.node, file)):
        return
    if decorator.call is None or not _reason(decorator.name, decorator.call):
        case = next(one for one in file.cases if one.name == name)
        yield Found(rule, decorator.node, decorator.name, case)


def _is_explained(node: ast.expr, file: File) -> bool:
    """Tell whether a comment stands behind a decorator, or above it."""
    lines = file.module.text.splitlines()
    return any(COMMENT.search(line) for line in lines[max(node.lineno - 2, 0) : node.lineno])


def _reason(name: str, call: ast.Call) -> bool:
    """Tell whether a call says why; a reason that is worked out is one."""
    reason = keyword(call, "reason") or keyword(call, "msg")
    at = PLACE.get(name)
    if reason is None and at is not None and len(call.args) > at:
        reason = call.args[at]
    if reason is None and name == "pytest.mark.skipif":
        # A condition in words is one reason of its own, which pytest shows.
        return bool(call.args) and isinstance(constant(call.args[0]), str)
    return reason is not None and (constant(reason) is ... or bool(str(constant(reason)).strip()))
