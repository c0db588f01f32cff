"""A module of the backend, and what a name in it may stand for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from .distance import aside
from .nodes import FunctionNode, running, targets, walk
from .outline import Outline
from .parsing import parse


@dataclass(frozen=True)
class Import:
    """A name that is another module's, or a module."""

    module: str
    name: str | None


@dataclass(frozen=True)
class Symbol:
    """What a name stands for.

    Attributes:
        path: `package.module.name`, of the place that defines it.
        module: The module of the backend that defines it; None when it is a package's.
        node: The class, function or assigned value; None for a module and for what is a package's.
        owner: The class that it is an attribute of.
    """

    path: str
    module: Module | None = None
    node: ast.AST | None = None
    owner: ast.ClassDef | None = None

    @property
    def external(self) -> bool:
        """Whether it belongs to an installed package."""
        return self.module is None

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]

    @property
    def address(self) -> str:
        """`module:name`, as questions are answered."""
        if self.module is None:
            head, _, tail = self.path.rpartition(".")
            return f"{head}:{tail}"
        return f"{self.module.name}:{self.path[len(self.module.name) + 1 :]}"

    @property
    def where(self) -> str:
        """`file:line` of the definition."""
        return self.module.where(self.node) if self.module else ""


@dataclass
class Module:
    """A Python file and the names it binds at its top level."""

    path: str
    name: str
    data: bytes
    bound: dict[str, list[ast.AST | Import]] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    local_imports: dict[str, Import] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(self.path)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Module) and other.path == self.path

    @property
    def is_package(self) -> bool:
        """Whether other modules lie below it."""
        return self.path.endswith("__init__.py")

    @cached_property
    def aside(self) -> int:
        """How far it lies from the application: 0 is part of it, 3 are tests."""
        return aside(self.path)

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return parse(self.data)

    @cached_property
    def body(self) -> list[ast.stmt]:
        """What runs when it is imported, branches included."""
        return list(running(self.tree.body))

    def where(self, node: ast.AST | None) -> str:
        """Return `file:line` of a node."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"

    def at(self, offset: int) -> str:
        """Return `file:line` of a place in its bytes."""
        line = self.data.count(b"\n", 0, offset) + 1
        return f"{self.path}:{line}"

    def symbol(self, name: str, node: ast.AST) -> Symbol:
        """Return what a name of it stands for, given the definition."""
        return Symbol(f"{self.name}.{name}", self, node)

    def has(self, *needles: bytes) -> bool:
        """Say whether any of some byte strings is in it, without parsing it."""
        return any(needle in self.data for needle in needles)

    @cached_property
    def names(self) -> dict[str, list[ast.AST | Import]]:
        """What it binds at its top level, by name, in order."""
        for statement in self.body:
            self._bind(statement)
        return self.bound

    @cached_property
    def outline(self) -> Outline:
        """Its functions, calls, classes and loops, from one walk over the tree."""
        return Outline(self.tree)

    @property
    def functions(self) -> list[FunctionNode]:
        """All functions, methods and nested ones included."""
        return self.outline.functions

    @property
    def calls(self) -> list[ast.Call]:
        """All calls."""
        return self.outline.calls

    def assigned_calls(self) -> Iterator[tuple[Symbol, ast.Call]]:
        """Yield each name at the top level that is bound to what a call returns."""
        for name, values in self.names.items():
            for value in values:
                if isinstance(value, ast.Call):
                    yield self.symbol(name, value), value

    def values_of(self, name: str) -> Iterator[tuple[ast.AST, ast.expr]]:
        """Yield what a variable, a key or an argument of some name is set to, anywhere in it."""
        for node in walk(self.tree):
            match node:
                case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
                    yield node, value
                case ast.Assign(
                    targets=[ast.Subscript(slice=ast.Constant(value=found))], value=value
                ) if found == name:
                    yield node, value
                case ast.AnnAssign(target=ast.Name(id=found), value=ast.expr() as value) if (
                    found == name
                ):
                    yield node, value
                case ast.keyword(arg=found, value=value) if found == name:
                    yield node, value

    def outer_functions(self) -> Iterator[tuple[Symbol, FunctionNode, ast.ClassDef | None]]:
        """Yield its functions and the methods of its classes, with the class, nested ones not."""
        for statement in self.body:
            if isinstance(statement, FunctionNode):
                yield self.symbol(statement.name, statement), statement, None
            elif isinstance(statement, ast.ClassDef):
                for inner in statement.body:
                    if isinstance(inner, FunctionNode):
                        yield self.symbol(f"{statement.name}.{inner.name}", inner), inner, statement

    def function_around(self, node: ast.AST) -> FunctionNode | None:
        """Return the innermost function that a node is in."""
        line = getattr(node, "lineno", 0)
        around = [f for f in self.functions if f.lineno <= line <= (f.end_lineno or 0)]
        return max(around, key=lambda function: function.lineno, default=None)

    @cached_property
    def inner_imports(self) -> dict[str, Import]:
        """What is imported inside of functions, by name."""
        for node in self.outline.imports:
            for name, found in self._imported(node):
                self.local_imports.setdefault(name, found)
        return self.local_imports

    def _bind(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Import() | ast.ImportFrom():
                for name, found in self._imported(statement):
                    self.bound.setdefault(name, []).append(found)
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                self.bound.setdefault(statement.name, []).append(statement)
            case ast.Assign():
                for target in statement.targets:
                    for name, value in targets(target, statement.value):
                        self.bound.setdefault(name, []).append(value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                self.bound.setdefault(name, []).append(value)
            case ast.With() | ast.AsyncWith():
                for item in statement.items:
                    if isinstance(item.optional_vars, ast.Name):
                        self.bound.setdefault(item.optional_vars.id, []).append(item.context_expr)

    def _imported(self, node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, Import]]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname:
                    yield alias.asname, Import(alias.name, None)
                else:
                    top = alias.name.partition(".")[0]
                    yield top, Import(top, None)
            return
        source = self.absolute(node.module or "", node.level)
        for alias in node.names:
            if alias.name == "*":
                if source not in self.stars:
                    self.stars.append(source)
            else:
                yield alias.asname or alias.name, Import(source, alias.name)

    def absolute(self, module: str, level: int) -> str:
        """Return the full name of a module that is imported with leading dots."""
        if not level:
            return module
        parts = self.name.split(".") if self.name else []
        drop = level - 1 if self.is_package else level
        parts = parts[: len(parts) - drop] if drop else parts
        return ".".join([*parts, module] if module else parts)
