"""What counts as an assertion: statements, calls, and helpers and fixtures that assert."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from test_harness.suite.reading.cases import Case
from test_harness.suite.reading.helpers import Project, asked_for
from test_harness.suite.reading.names import constant, dotted, full_name, keyword, made_here
from test_harness.suite.reading.scopes import Called, Module, Place, Scope

# Whatever has such a name asserts.
SURELY = re.compile(r"_*(assert|expect|should|must_|fail_|does_not_raise|not_raises?)|fail$")
# A function does, if nobody can see what it does; a method may as well be what is tested.
MAYBE = re.compile(r"_*(check|verify|ensure|validate|compare|require|confirm)")
NAMES = frozenset({
    "raises", "warns", "deprecated_call", "raise_for_status", "fnmatch_lines", "re_match_lines",
    "no_fnmatch_line", "mustcontain", "check_call", "check_output", "call_and_validate",
    "validate_response", "match_snapshot", "wait_for_selector", "wait_for_url", "RaisesGroup",
})  # fmt: skip
# Fixtures whose `check` compares with what was kept, and one that measures.
KEPT = re.compile(r"snapshot|regression|golden|approv|soft")
MEASURES = {"benchmark"}
# `app.get(url, status=404)` of WebTest.
METHODS = {"get", "post", "put", "patch", "delete", "head", "options", "post_json", "put_json"}
PROPERTIES = {"hypothesis.given", "given"}
DEPTH = 3


class Check(NamedTuple):
    """One assertion of a test.

    Args:
        kind: `assert`, or `call` for what asserts when it is called.
        node: The statement or the call.
        place: Where it stands.
    """

    kind: str
    node: ast.Assert | ast.Call
    place: Place


class Checks:
    """Tells what asserts, and remembers it.

    Args:
        project: Where helpers and fixtures are looked up.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[int, bool] = {}
        self._plain: dict[int, list[Check]] = {}
        self._of: dict[int, list[Check]] = {}

    def plain(self, case: Case) -> list[Check]:
        """Return what a test asserts by statements, and by calls that say so by their names."""
        key = id(case.scope)
        if key not in self._plain:
            found = [
                check
                for scope in case.scope.walk()
                if scope is case.scope or _is_used(scope, case)
                for check in (*_statements(scope), *_calls(scope, case.module))
            ]
            self._plain[key] = sorted(found, key=_position)
        return self._plain[key]

    def of(self, case: Case) -> list[Check]:
        """Return the same and what helpers assert, which takes longer to find."""
        key = id(case.scope)
        if key not in self._of:
            plain = self.plain(case)
            known = {id(check.node) for check in plain}
            by_helpers = [
                Check("call", called.node, called.place)
                for scope in case.scope.walk()
                for called in scope.calls
                if id(called.node) not in known and self._asserts(called, case.module)
            ]
            self._of[key] = sorted([*plain, *by_helpers], key=_position)
        return self._of[key]

    def any(self, case: Case) -> bool:
        """Tell whether a test asserts anything, by way of its fixtures too."""
        if self.of(case) or any(one.name in PROPERTIES for one in case.decorators):
            return True
        if MEASURES & {*case.parameters}:
            return True
        if case.scope.raises or any(_only_enters(stated.node) for stated in case.scope.withs):
            return True
        if _only_imports(case) or _fails_on_warnings(case) or self._calls_what_nobody_sees(case):
            return True
        named = [
            str(constant(part))
            for mark in case.marks("usefixtures")
            for part in (mark.call.args if mark.call else ())
        ]
        asked = [*asked_for(case.scope), *named]
        return any(self._fixture_asserts(name, case.module, case.scope) for name in asked)

    def _calls_what_nobody_sees(self, case: Case) -> bool:
        """Tell whether a function is called that a fixture of a plugin hands out."""
        return any(
            isinstance(called.node.func, ast.Name)
            and called.name in case.parameters
            and self._project.fixture(called.name, case.module, case.scope) is None
            for called in case.scope.calls
        )

    def _asserts(self, called: Called, module: Module, depth: int = DEPTH) -> bool:
        if _asserts_itself(called, module):
            return True
        found = self._project.called(called, module) if depth else None
        if found is not None:
            # What the application asserts for itself is no assertion of a test.
            is_helper = found[0] is module or self._project.is_of_tests(found[0])
            if not is_helper:
                # To get past what refuses others is what such a test is about.
                return bool(MAYBE.match(called.name)) and bool(found[1].raises)
            return self._scope_asserts(found[1], found[0], depth - 1)
        if not MAYBE.match(called.name):
            return self._by_fixture(called, module, depth)
        function = called.node.func
        receiver = dotted(function.value) if isinstance(function, ast.Attribute) else ""
        return isinstance(function, ast.Name) or receiver in ("self", "cls")

    def _by_fixture(self, called: Called, module: Module, depth: int) -> bool:
        """Tell whether what is called is a function that a fixture handed out, which asserts."""
        function = called.node.func
        first = dotted(function).partition(".")[0]
        if not first or not depth:
            return False
        scope: Scope | None = called.place.scope
        while scope is not None and scope.is_function:
            if first in asked_for(scope):
                if self._by_its_type(first, called.name, scope, module, depth):
                    return True
                fixture = self._project.fixture(first, module, scope)
                if fixture is None:
                    return False
                return any(
                    self._scope_asserts(inner, fixture[0], depth - 1)
                    for inner in fixture[1].scopes
                    if isinstance(function, ast.Name) or inner.is_class
                ) or self._by_what_it_makes(called.name, fixture, depth)
            scope = scope.above
        return False

    def _by_what_it_makes(self, name: str, fixture: tuple[Module, Scope], depth: int) -> bool:
        """Tell whether a method asserts, of the object that a fixture hands out."""
        for node in ast.walk(fixture[1].node):
            made = node.value if isinstance(node, (ast.Return, ast.Yield)) else None
            made = made_here(made, fixture[1]) if made is not None else None
            if isinstance(made, ast.Call) and self._method_asserts(
                dotted(made.func), name, fixture[0], depth
            ):
                return True
        return False

    def _by_its_type(
        self, name: str, method: str, scope: Scope, module: Module, depth: int
    ) -> bool:
        """Tell whether a method asserts, of the class that a parameter is written to be."""
        arguments = scope.node.args  # type: ignore[attr-defined]
        every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        return any(
            self._method_asserts(dotted(one.annotation), method, module, depth)
            for one in every
            if one.arg == name and one.annotation is not None
        )

    def _method_asserts(self, of: str, name: str, module: Module, depth: int) -> bool:
        """Tell whether a method of a class of the tests asserts."""
        found = self._project.scope_of(of, module) if of else None
        if found is None or not (found[0] is module or self._project.is_of_tests(found[0])):
            return False
        method = self._project.method(found[1], found[0], name)
        return method is not None and self._scope_asserts(method[1], method[0], depth - 1)

    def _scope_asserts(self, scope: Scope, module: Module, depth: int) -> bool:
        key = id(scope)
        if key not in self._known:
            self._known[key] = False  # what calls itself
            self._known[key] = any(
                inner.asserts
                or any(_raises_assertion(stated.node) for stated in inner.raises)
                or (inner.raises and MAYBE.match(inner.name))
                or (depth and any(self._asserts(one, module, depth) for one in inner.calls))
                for inner in scope.walk()
                if not (scope.is_class and inner is not scope and inner.name != "__init__")
            )
        return self._known[key]

    def _fixture_asserts(self, name: str, module: Module, scope: Scope) -> bool:
        found = self._project.fixture(name, module, scope)
        if found is None:
            return False
        fixture, of = found[1], found[0]
        return (
            any(one.scope is fixture for _, one in fixture.asserts)
            or any(
                SURELY.match(one.name) or one.name in ("raises", "warns") for one in fixture.calls
            )
            or any(
                self._fixture_asserts(other, of, fixture)
                for other in asked_for(fixture)
                if other != name
            )
        )


def _is_used(scope: Scope, case: Case) -> bool:
    """Tell whether a function that a test defines is named anywhere in it, or decorated."""
    if not scope.is_function or not scope.asserts or scope.above is None or scope.above.is_class:
        return True
    return bool(getattr(scope.node, "decorator_list", ())) or any(
        isinstance(part, ast.Name) and part.id == scope.name for part in ast.walk(case.scope.node)
    )


def _statements(scope: Scope) -> Iterator[Check]:
    for node, place in scope.asserts:
        if isinstance(node, ast.Assert):
            yield Check("assert", node, place)


def _calls(scope: Scope, module: Module) -> Iterator[Check]:
    for called in scope.calls:
        if _asserts_itself(called, module):
            yield Check("call", called.node, called.place)


def _position(check: Check) -> tuple[int, int]:
    return check.node.lineno, check.node.col_offset


def _only_enters(node: ast.stmt) -> bool:
    """Tell whether something is opened for nothing else than to see that it opens."""
    return isinstance(node, (ast.With, ast.AsyncWith)) and all(
        isinstance(one, ast.Pass) for one in node.body
    )


def _only_imports(case: Case) -> bool:
    """Tell whether to import something is all that a test does."""
    body = getattr(case.scope.node, "body", [])
    said = [
        one for one in body if not (isinstance(one, ast.Expr) and constant(one.value) is not ...)
    ]
    return bool(said) and all(isinstance(one, (ast.Import, ast.ImportFrom)) for one in said)


def _fails_on_warnings(case: Case) -> bool:
    """Tell whether each warning is an error in a test."""
    calls = [
        called.node
        for called in case.scope.calls
        if called.name in ("simplefilter", "filterwarnings", "catch_warnings")
    ]
    calls += [one.call for one in case.marks("filterwarnings") if one.call is not None]
    said = [constant(part) for call in calls for part in (*call.args[:1], keyword(call, "action"))]
    return any(isinstance(one, str) and one.partition(":")[0] == "error" for one in said)


def _raises_assertion(node: ast.stmt) -> bool:
    if not isinstance(node, ast.Raise) or node.exc is None:
        return False
    raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return dotted(raised) in ("AssertionError", "pytest.fail.Exception")


def _asserts_itself(called: Called, module: Module) -> bool:
    """Tell whether a call asserts by its name, or by what it is given."""
    name, node = called.name, called.node
    if _is_sure(name):
        return name != "assert_type" or full_name(node.func, module) != "typing.assert_type"
    if name == "run":
        return constant(keyword(node, "check")) is True
    if name == "wait_for" and node.args and isinstance(node.args[0], ast.Call):
        return getattr(node.args[0].func, "attr", "") in ("wait", "join", "get")
    if name in METHODS and isinstance(constant(keyword(node, "status")), int):
        return True
    for one in node.args:
        if isinstance(one, ast.Name) and _is_sure(one.id):
            return True  # handed to what calls it: `run_sync(assert_saved, rows)`
    return isinstance(node.func, ast.Attribute) and _is_kept(dotted(node.func.value))


@cache
def _is_sure(name: str) -> bool:
    # Other words begin like it.
    is_other = name.startswith(("assertion", "asserting"))
    return name in NAMES or (bool(SURELY.match(name)) and not is_other)


@cache
def _is_kept(receiver: str) -> bool:
    return bool(KEPT.search(receiver))
