"""Follows calls from a function through the backend, as far as names tell where they lead."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from .evaluation import Evaluator
from .modules import Module
from .nodes import FunctionNode, class_attribute, parameters, terminal, walk
from .source import Source
from .values import Instance

_MOST = 60
_DEEPEST = 4
# Methods that are looked for by their name alone when nothing tells the class of the object.
_BY_NAME = re.compile(
    r"log_?in|sign_?in|authenticat|verify|check|credential|password|token|by_(email|username|name|login)"
    r"|cookie|get_(one|user|by)|find|session|execute"
)
_TOO_COMMON = frozenset([
    "get", "execute", "commit", "add", "filter", "all", "first", "one", "scalar", "refresh",
    "flush",
])  # fmt: skip


class CallGraph:
    """What a request runs through."""

    def __init__(self, source: Source, evaluator: Evaluator) -> None:
        self.source = source
        self.evaluator = evaluator
        self._known: dict[int, list[tuple[Module, FunctionNode]]] = {}
        self._by_name: dict[str, list[tuple[Module, FunctionNode]]] = {}

    def reachable_from(
        self, module: Module, function: FunctionNode
    ) -> list[tuple[Module, FunctionNode]]:
        """Return a function and the backend's own functions that it calls, nearest first."""
        if id(function) not in self._known:
            self._known[id(function)] = self._walk(module, function)
        return self._known[id(function)]

    def _walk(self, module: Module, function: FunctionNode) -> list[tuple[Module, FunctionNode]]:
        found: list[tuple[Module, FunctionNode]] = []
        level, seen = [(module, function)], {id(function)}
        for _ in range(_DEEPEST):
            found += level
            following: list[tuple[Module, FunctionNode]] = []
            for owner, node in level:
                for target in self._called(owner, node):
                    if id(target[1]) not in seen and len(found) + len(following) < _MOST:
                        seen.add(id(target[1]))
                        following.append(target)
            level = following
        return found

    def _called(
        self, module: Module, function: FunctionNode
    ) -> Iterator[tuple[Module, FunctionNode]]:
        scope = self.evaluator.scope_of(module, function)
        for node in walk(function):
            if isinstance(node, ast.Call):
                yield from self._targets(module, function, node, scope)
        for arg, default in parameters(function):
            for expression in (arg.annotation, default):
                if expression is not None:
                    yield from self.dependencies(module, expression)

    def dependencies(self, module: Module, node: ast.expr) -> Iterator[tuple[Module, FunctionNode]]:
        """Return the functions that an annotation or a default depends on."""
        for inner in walk(node):
            if isinstance(inner, ast.Name | ast.Attribute):
                symbol = self.source.resolve(module, inner)
                if symbol is None or symbol.module is None:
                    continue
                if isinstance(symbol.node, FunctionNode):
                    yield symbol.module, symbol.node
                elif isinstance(symbol.node, ast.ClassDef):
                    # A service that is injected depends on what its constructor asks for.
                    start = class_attribute(symbol.node, "__init__")
                    if isinstance(start, FunctionNode):
                        yield symbol.module, start
                elif isinstance(symbol.node, ast.Subscript) and symbol.node is not node:
                    yield from self.dependencies(symbol.module, symbol.node)

    def targets(
        self, module: Module, function: FunctionNode, call: ast.Call
    ) -> list[tuple[Module, FunctionNode]]:
        """Return the backend's own functions that a call within a function may run."""
        scope = self.evaluator.scope_of(module, function)
        return list(self._targets(module, function, call, scope))

    def _targets(
        self, module: Module, function: FunctionNode, call: ast.Call, scope: dict[str, object]
    ) -> Iterator[tuple[Module, FunctionNode]]:
        name = terminal(call.func)
        symbol = self.source.resolve(module, call.func)
        if symbol is not None and symbol.module is not None:
            if isinstance(symbol.node, FunctionNode):
                yield symbol.module, symbol.node
                return
            if isinstance(symbol.node, ast.ClassDef):
                # What an object does when it is made or called may be all there is to it.
                for attr in ("__call__", "__init__"):
                    method = class_attribute(symbol.node, attr)
                    if isinstance(method, FunctionNode):
                        yield symbol.module, method
                return
        if not isinstance(call.func, ast.Attribute) or name in _TOO_COMMON:
            return
        known = False
        for value in self.evaluator.values(module, call.func.value, scope):
            if isinstance(value, Instance):
                for owner, node in self.source.ancestry(value.of):
                    method = class_attribute(node, name)
                    if isinstance(method, FunctionNode):
                        known = not _is_abstract(method)
                        yield owner, method
                        break
        if not known and _BY_NAME.search(name):
            yield from self._methods(name)

    def _methods(self, name: str) -> list[tuple[Module, FunctionNode]]:
        if name not in self._by_name:
            found = [
                (module, node)
                for module in self.source.having(f"def {name}(".encode(), most_aside=0)
                for node in module.functions
                if node.name == name and not _is_abstract(node)
            ]
            # What everything has says nothing.
            self._by_name[name] = found if len(found) <= 4 else []
        return self._by_name[name]


def _is_abstract(function: FunctionNode) -> bool:
    if any("abstract" in terminal(decorator) for decorator in function.decorator_list):
        return True
    body = [
        s
        for s in function.body
        if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
    ]
    return all(isinstance(s, ast.Pass | ast.Raise) for s in body)
