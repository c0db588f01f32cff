"""Which functions of a file are tests, which are fixtures, and what is written above them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from test_harness.suite.reading.configuration import Configuration
from test_harness.suite.reading.names import dotted, full_name
from test_harness.suite.reading.scopes import Module, Scope

MARK = "pytest.mark."
SKIPS = {"pytest.skip", "pytest.xfail", "pytest.importorskip", "self.skipTest"}
SKIP_NAMES = {name.rpartition(".")[2] for name in SKIPS}
FIXTURES = ("pytest.fixture", "pytest_asyncio.fixture", "fixture", "pytest.yield_fixture")


@dataclass(frozen=True)
class Decorator:
    """What is written above a function or a class.

    Args:
        name: In full: `pytest.mark.skip`.
        node: The expression; a call where it has arguments.
    """

    name: str
    node: ast.expr

    @property
    def call(self) -> ast.Call | None:
        """The call, where it is one."""
        return self.node if isinstance(self.node, ast.Call) else None


@dataclass(frozen=True)
class Case:
    """A function that pytest or unittest runs as a test.

    Args:
        scope: The function.
        module: Its file.
        decorators: Those of the function, of the classes around it, and the marks of the file.
    """

    scope: Scope
    module: Module
    decorators: list[Decorator] = field(hash=False)

    @property
    def name(self) -> str:
        """Its name, with those of the classes around it."""
        return self.scope.qualified()

    @property
    def line(self) -> int:
        """The line of its `def`."""
        return int(self.scope.node.lineno)  # type: ignore[attr-defined]

    @cached_property
    def parameters(self) -> list[str]:
        """What it asks for."""
        return self.scope.parameters

    def marks(self, *names: str) -> Iterator[Decorator]:
        """Yield its marks of these names."""
        wanted = {MARK + name for name in names}
        return (one for one in self.decorators if one.name in wanted)

    @cached_property
    def is_left_out(self) -> bool:
        """Whether it never runs, whatever its body says."""
        return any(
            one.name in ("pytest.mark.skip", "unittest.skip") for one in self.decorators
        ) or any(
            called.place.kind == "def" and full_name(called.node.func, self.module) in SKIPS
            for called in self.scope.calls
            if called.name in SKIP_NAMES
        )


def decorators_of(scope: Scope, module: Module) -> list[Decorator]:
    """Return what is written above a function or a class."""
    return [_decorator(one, module) for one in getattr(scope.node, "decorator_list", [])]


def _decorator(node: ast.expr, module: Module) -> Decorator:
    """Return one, what the file calls by a name of its own by what it is: `later = mark.xfail`."""
    written = node.func if isinstance(node, ast.Call) else node
    given = module.scope.names.get(written.id, []) if isinstance(written, ast.Name) else []
    if len(given) == 1 and isinstance(given[0], (ast.Attribute, ast.Call)):
        meant = given[0].func if isinstance(given[0], ast.Call) else given[0]
        node = given[0] if isinstance(given[0], ast.Call) else node
        return Decorator(full_name(meant, module), node)
    return Decorator(full_name(written, module), node)


def is_fixture(scope: Scope, module: Module) -> bool:
    """Tell whether a function is a fixture."""
    return any(one.name in FIXTURES for one in decorators_of(scope, module))


def cases_of(module: Module, configuration: Configuration) -> list[Case]:
    """Return the tests of a file, in its order."""
    found: list[Case] = []
    _collect(module.scope, module, configuration, _marks(module.scope, module), found)
    return found


def _collect(
    scope: Scope,
    module: Module,
    configuration: Configuration,
    above: list[Decorator],
    found: list[Case],
) -> None:
    for inner in scope.scopes:
        own = decorators_of(inner, module)
        if inner.is_class:
            by_unittest = is_unittest(inner, module)
            if by_unittest or (configuration.is_class(inner.name) and not _has_constructor(inner)):
                marks = _marks(inner, module)
                _collect(inner, module, configuration, [*own, *marks, *above], found)
        elif _is_test(inner, scope, module, configuration) and not any(
            one.name in FIXTURES or one.name.endswith((".setter", "staticmethod", "property"))
            for one in own
        ):
            found.append(Case(inner, module, [*own, *above]))


def _is_test(scope: Scope, around: Scope, module: Module, configuration: Configuration) -> bool:
    if around.is_class and is_unittest(around, module):
        return scope.name.startswith("test")
    return configuration.is_function(scope.name)


def _has_constructor(scope: Scope) -> bool:
    return any(inner.name in ("__init__", "__new__") for inner in scope.scopes)


def is_unittest(scope: Scope, module: Module, seen: frozenset[str] = frozenset()) -> bool:
    """Tell whether a class is one of unittest, as far as its file says."""
    if not isinstance(scope.node, ast.ClassDef):
        return False
    for base in scope.node.bases:
        name = dotted(base)
        if name.endswith("TestCase"):
            return True
        other = class_named(module, name) if name not in seen else None
        if other is not None and is_unittest(other, module, seen | {name}):
            return True
    return False


def class_named(module: Module, name: str) -> Scope | None:
    """Return a class of a file by its name."""
    return next((it for it in module.scope.scopes if it.is_class and it.name == name), None)


def _marks(scope: Scope, module: Module) -> list[Decorator]:
    marks: list[Decorator] = []
    for value in scope.names.get("pytestmark", ()):
        parts = value.elts if isinstance(value, (ast.List, ast.Tuple)) else [value]
        for part in parts:
            if part is not None:
                written = part.func if isinstance(part, ast.Call) else part
                marks.append(Decorator(full_name(written, module), part))
    return marks
