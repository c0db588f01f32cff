"""What attributes of objects may be, and what functions return."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from .modules import Module, Symbol
from .nodes import FunctionNode, class_attribute, local_values, parameters, terminal, walk
from .source import Source
from .values import DSN_SCHEMES, GAP, Instance, Scope


class Instances:
    """Finds what attributes of objects may be, and what functions return.

    Args:
        source: The modules of the backend.
        examples: Values of environment variables, from `.env.example` and compose files; they are
            what a variable without a default is taken to be.

    Attributes:
        read: The environment variables that expressions came from, until somebody empties it.
        fields: The same of the fields of classes, by the identity of the syntax node.
    """

    def __init__(self, source: Source, examples: Mapping[str, str] | None = None) -> None:
        self.source = source
        self.examples = dict(examples or {})
        self.read: set[str] = set()
        self.fields: set[int] = set()

    def values(
        self, module: Module, node: ast.AST | None, scope: Scope | None = None, depth: int = 0
    ) -> list[Any]:
        """Return the values that an expression may have, the likeliest first."""
        raise NotImplementedError

    def text(self, module: Module, node: ast.AST | None, scope: Scope | None = None) -> str | None:
        """Return the text that an expression stands for; None when any of it is unknown."""
        for value in self.values(module, node, scope):
            if isinstance(value, str) and GAP not in value:
                return value
        return None

    def texts(self, module: Module, node: ast.AST | None, scope: Scope | None = None) -> list[str]:
        """Return all texts it may stand for; a part that is unknown is a `GAP`."""
        return [value for value in self.values(module, node, scope) if isinstance(value, str)]

    def _owners(self, module: Module, node: ast.expr, scope: Scope, depth: int) -> list[Instance]:
        values = self.values(module, node, scope, depth)
        owners = [value for value in values if isinstance(value, Instance)]
        owners += [
            Instance(value)
            for value in values
            if isinstance(value, Symbol) and isinstance(value.node, ast.ClassDef)
        ]
        return owners

    def attribute(self, owner: Instance, name: str, depth: int = 0) -> list[Any]:
        """Return what an attribute of an object may be: a default, or what a property returns."""
        for module, node in self.source.ancestry(owner.of):
            found = class_attribute(node, name)
            match found:
                case None:
                    continue
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    return self.returned(module, found, {"self": owner, "cls": owner}, depth)
                case ast.AnnAssign():
                    self.fields.add(id(found))
                    beside = _assigned_in(node)
                    values = self.values(module, found.value, beside, depth) if found.value else []
                    values = [value for value in values if value not in (None, "", ...)]
                    return values or self._unset(module, found, name)
                case _:
                    return self.values(module, found, {"self": owner}, depth)
        return self._from_init(owner, name, depth)

    def _from_init(self, owner: Instance, name: str, depth: int) -> list[Any]:
        for module, node in self.source.ancestry(owner.of):
            init = class_attribute(node, "__init__")
            if not isinstance(init, FunctionNode):
                continue
            for inner in walk(init):
                if isinstance(inner, ast.Assign) and any(
                    isinstance(target, ast.Attribute) and target.attr == name
                    for target in inner.targets
                ):
                    return self.values(module, inner.value, local_values(init), depth)
        return []

    def _unset(self, module: Module, field: ast.AnnAssign, name: str) -> list[Any]:
        for variable in (name, name.upper()):
            if self.examples.get(variable):
                return [self.examples[variable]]
        for inner in walk(field.annotation):
            scheme = DSN_SCHEMES.get(terminal(inner))
            if scheme:
                return [f"{scheme}://{GAP}"]
            annotated = self.source.resolve(module, inner) if isinstance(inner, ast.Name) else None
            if annotated and annotated.name in DSN_SCHEMES:
                return [f"{DSN_SCHEMES[annotated.name]}://{GAP}"]
        made = next(self.source.classes_in(module, field.annotation), None)
        return [Instance(made)] if made is not None else []

    def scope_of(self, module: Module, function: FunctionNode) -> dict[str, Any]:
        """Return what is known of the names inside of a function: its variables and parameters."""
        scope: dict[str, Any] = dict(local_values(function))
        for arg, default in parameters(function):
            classes = self.source.classes_in(module, arg.annotation) if arg.annotation else ()
            made = next(iter(classes), None)
            if made is not None:
                scope.setdefault(arg.arg, Instance(made))
            elif default is not None:
                scope.setdefault(arg.arg, default)
        return scope

    def returned(
        self, module: Module, function: ast.AST, scope: Scope | None = None, depth: int = 0
    ) -> list[Any]:
        """Return what a function may return."""
        inner = {**local_values(function), **(scope or {})}
        return [
            value
            for statement in walk(function)
            if isinstance(statement, ast.Return) and statement.value is not None
            for value in self.values(module, statement.value, inner, depth + 1)
            if value is not None
        ]


def _assigned_in(node: ast.ClassDef) -> dict[str, Any]:
    """Return what the names stand for that the body of a class gives a value."""
    return {
        statement.target.id: statement.value
        for statement in node.body
        if isinstance(statement, ast.AnnAssign)
        and isinstance(statement.target, ast.Name)
        and statement.value is not None
    }
