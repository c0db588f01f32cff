"""What a rule is, and what it finds."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from test_harness.suite.lint.asserting import Check, Checks
from test_harness.suite.reading.cases import Case
from test_harness.suite.reading.configuration import Configuration
from test_harness.suite.reading.helpers import Project
from test_harness.suite.reading.scopes import Module, Place


class Rule(NamedTuple):
    """One kind of weakness.

    Args:
        code: `TH101`.
        name: The same for people: `no-assertion`.
        says: One sentence on what is wrong; `{}` is where a finding says more.
        fix: One sentence on what to do.
    """

    code: str
    name: str
    says: str
    fix: str


class Finding(NamedTuple):
    """A weakness at its place; in the order of these, findings are shown.

    Args:
        path: The file, as it was named.
        line: From 1.
        column: From 1, in characters.
        code: That of the rule, ours or one of ruff's.
        message: What is wrong.
        fix: What to do about it; empty where the message says it.
        test: The test it is in, as pytest writes it; empty outside of tests.
    """

    path: str
    line: int
    column: int
    code: str
    message: str
    fix: str
    test: str = ""


class Found(NamedTuple):
    """A weakness, at a node of a file."""

    rule: Rule
    node: ast.AST
    detail: str = ""
    case: Case | None = None


@dataclass
class File:
    """A file of tests, and what is known around it.

    Args:
        module: What it says.
        cases: Its tests.
        project: What it imports from.
        configuration: That of pytest.
        checks: What asserts.
    """

    module: Module
    cases: list[Case]
    project: Project
    configuration: Configuration
    checks: Checks

    @cached_property
    def running(self) -> list[Case]:
        """The tests that are run at all."""
        return [case for case in self.cases if not case.is_left_out]

    def checks_of(self, case: Case) -> list[Check]:
        """Return what a test asserts, by its helpers too."""
        return self.checks.of(case)

    @cached_property
    def _by_scope(self) -> dict[int, Case]:
        return {id(scope): case for case in self.cases for scope in case.scope.walk()}

    def case_at(self, place: Place) -> Case | None:
        """Return the test that a place is in."""
        return self._by_scope.get(id(place.scope))


Look = Callable[[File], Iterator[Found]]


def finding_of(found: Found, path: str) -> Finding:
    """Return a weakness as it is shown."""
    rule, node = found.rule, found.node
    place: Any = node
    return Finding(
        path,
        place.lineno,
        place.col_offset + 1,
        rule.code,
        rule.says.format(found.detail),
        rule.fix,
        found.case.name if found.case else "",
    )
