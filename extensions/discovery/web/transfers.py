"""What a handler of Litestar wants to be sent, where a data transfer object says it."""

from __future__ import annotations

import ast

from ..code.evaluation import Evaluator
from ..code.modules import Module, Symbol
from ..code.nodes import class_attribute, keyword, parameters, terminal, walk
from ..code.source import Source
from .routes import Route

_AROUND = ("Annotated", "DTOData")


class Transfers:
    """Reads `dto=UserDTO` of handlers and controllers: which fields of which class go in."""

    def __init__(self, source: Source, evaluator: Evaluator) -> None:
        self.source = source
        self.evaluator = evaluator

    def fields(self, route: Route) -> list[str]:
        """Return the fields that the object of a route lets through; none without one."""
        module, node = self._named(route)
        symbol = self.source.resolve(module, node) if node is not None else None
        if symbol is None or symbol.module is None:
            return []
        config = self._config(symbol)
        included = self._listed(symbol.module, keyword(config, "include")) if config else []
        excluded = self._listed(symbol.module, keyword(config, "exclude")) if config else []
        return included or [
            name for name in self._columns(symbol) or self._of_data(route) if name not in excluded
        ]

    def data(self, route: Route) -> ast.expr | None:
        """Return the annotation of what a handler takes as the body."""
        arguments = parameters(route.handler) if route.handler is not None else []
        return next((arg.annotation for arg, _ in arguments if arg.arg == "data"), None)

    def _named(self, route: Route) -> tuple[Module, ast.expr | None]:
        for decorator in route.handler.decorator_list if route.handler is not None else ():
            if isinstance(decorator, ast.Call) and (node := keyword(decorator, "dto")) is not None:
                return route.module, node
        held = class_attribute(route.holder, "dto") if route.holder is not None else None
        value = held.value if isinstance(held, ast.AnnAssign) else held
        return route.module, value if isinstance(value, ast.expr) else None

    def _config(self, symbol: Symbol) -> ast.Call | None:
        """Return the call that configures an object, in its class or in `Annotated`."""
        for node in walk(symbol.node) if symbol.node is not None else ():
            if isinstance(node, ast.Call) and terminal(node.func).endswith("DTOConfig"):
                return node
        return None

    def _listed(self, module: Module, node: ast.expr | None) -> list[str]:
        if isinstance(node, ast.Set | ast.List | ast.Tuple):
            texts = (self.evaluator.text(module, element) for element in node.elts)
            return [text for text in texts if text]
        values = self.evaluator.values(module, node) if node is not None else []
        listed = next((value for value in values if isinstance(value, list)), [])
        return [str(value) for value in listed]

    def _columns(self, symbol: Symbol) -> list[str]:
        """Return the fields of the class that `SQLAlchemyDTO[User]` is of."""
        bases = symbol.node.bases if isinstance(symbol.node, ast.ClassDef) else [symbol.node]
        for base in bases:
            if isinstance(base, ast.Subscript) and symbol.module is not None:
                return self._fields(symbol.module, base.slice)
        return []

    def _of_data(self, route: Route) -> list[str]:
        node = self.data(route)
        return self._fields(route.module, node) if node is not None else []

    def _fields(self, module: Module, node: ast.expr) -> list[str]:
        while isinstance(node, ast.Subscript) and terminal(node) in _AROUND:
            node = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) else node.slice
        symbol = self.source.resolve(module, node)
        if symbol is None or not isinstance(symbol.node, ast.ClassDef):
            return []
        return [
            statement.target.id
            for _, part in self.source.ancestry(symbol)
            for statement in part.body
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
        ]
