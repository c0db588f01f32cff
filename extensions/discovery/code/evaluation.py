"""Works out the values of expressions without running them: constants, settings, URLs."""

from __future__ import annotations

import ast
import re
from typing import Any

from .call_results import CallResults
from .modules import Module, Symbol
from .nodes import FunctionNode, class_attribute, terminal
from .values import GAP, Instance, Scope, as_text

_MOST = 6
_DEEPEST = 14


class Evaluator(CallResults):
    """Finds the values that an expression may have."""

    def values(
        self, module: Module, node: ast.AST | None, scope: Scope | None = None, depth: int = 0
    ) -> list[Any]:
        """Return the values it may have, the likeliest first; none when nothing is known."""
        if node is None or depth > _DEEPEST:
            return []
        found: list[Any] = []
        for value in self._values(module, node, scope or {}, depth + 1):
            if value not in found:
                found.append(value)
        return found[:_MOST]

    def _values(self, module: Module, node: ast.AST, scope: Scope, depth: int) -> list[Any]:  # noqa: PLR0911, PLR0912 - one case after another
        match node:
            case ast.Constant(value=value):
                return [value]
            case ast.JoinedStr(values=parts):
                return self._joined(module, parts, scope, depth)
            case ast.FormattedValue(value=inner):
                return [as_text(v) for v in self.values(module, inner, scope, depth)]
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                return self._added(module, left, right, scope, depth)
            case ast.BinOp(op=ast.Mod(), left=left):
                texts = self.values(module, left, scope, depth)
                return [
                    re.sub(r"%\(?\w*\)?[sdr]", GAP, text) for text in texts if isinstance(text, str)
                ]
            case ast.BoolOp(values=options):
                return [
                    v for option in options for v in self.values(module, option, scope, depth) if v
                ]
            case ast.IfExp(body=body, orelse=orelse):
                first = self.values(module, body, scope, depth)
                return [*first, *self.values(module, orelse, scope, depth)]
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                return [[self._one(module, part, scope, depth) for part in parts]]
            case ast.Dict(values=parts):
                return [v for part in parts for v in self.values(module, part, scope, depth)]
            case ast.Await(value=inner):
                return self.values(module, inner, scope, depth)
            case ast.Subscript(value=inner) if not self._environment(module, node):
                return self._item(module, node, scope, depth)
            case ast.Subscript(slice=index):
                return self._example(module, index)
            case ast.Name(id=name) if name in scope:
                return self._scoped(module, scope[name], scope, name, depth)
            case ast.Name() | ast.Attribute():
                return self._named(module, node, scope, depth)
            case ast.Call():
                return self._called(module, node, scope, depth)
        return []

    def _item(self, module: Module, node: ast.Subscript, scope: Scope, depth: int) -> list[Any]:
        """Return the value under a key that is known, before all others."""
        found = self.values(module, node.value, scope, depth)
        table: ast.AST | None = node.value
        if isinstance(table, ast.Name | ast.Attribute):
            local = scope.get(table.id) if isinstance(table, ast.Name) else None
            symbol = self.source.resolve(module, table)
            table = local if isinstance(local, ast.AST) else symbol.node if symbol else None
        if isinstance(table, ast.Dict):
            wanted = self.values(module, node.slice, scope, depth)
            chosen = [
                item
                for key, value in zip(table.keys, table.values, strict=True)
                if key is not None
                and set(map(str, self.values(module, key, scope, depth))) & set(map(str, wanted))
                for item in self.values(module, value, scope, depth)
            ]
            return [*chosen, *found]
        return found or self._configured(node, depth)

    def _configured(self, node: ast.Subscript, depth: int) -> list[Any]:
        """Return what a class of settings says of `app.config["NAME"]`."""
        name = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if terminal(node.value) != "config" or not isinstance(name, str) or not name.isupper():
            return []
        for module in self.source.having(name.encode(), most_aside=0):
            for holder in module.outline.classes:
                given = class_attribute(holder, name)
                if isinstance(given, ast.expr):
                    return self.values(module, given, {}, depth + 1)
        return []

    def _one(self, module: Module, node: ast.expr, scope: Scope, depth: int) -> Any:
        values = self.values(module, node, scope, depth)
        return values[0] if values else None

    def _scoped(self, module: Module, value: Any, scope: Scope, name: str, depth: int) -> list[Any]:
        if not isinstance(value, ast.AST):
            return [value]
        # `url = url.replace(...)` must not be looked up in itself.
        rest = {key: other for key, other in scope.items() if key != name}
        return self.values(module, value, rest, depth)

    def _joined(self, module: Module, parts: list[ast.expr], scope: Scope, depth: int) -> list[Any]:
        texts = [""]
        for part in parts:
            values = [as_text(v) for v in self.values(module, part, scope, depth)] or [GAP]
            texts = [text + value for text in texts for value in values][:_MOST]
        return list(texts)

    def _added(
        self, module: Module, left: ast.expr, right: ast.expr, scope: Scope, depth: int
    ) -> list[Any]:
        firsts = self.values(module, left, scope, depth)
        seconds = self.values(module, right, scope, depth)
        if any(isinstance(value, list) for value in (*firsts, *seconds)):
            lists = [value for value in (*firsts, *seconds) if isinstance(value, list)]
            return [[item for values in lists for item in values]]
        if not firsts and not seconds:
            return []
        return [as_text(a) + as_text(b) for a in firsts or [GAP] for b in seconds or [GAP]]

    def _environment(self, module: Module, node: ast.AST) -> bool:
        if not isinstance(node, ast.Subscript):
            return False
        symbol = self.source.resolve(module, node.value)
        return symbol is not None and symbol.path in ("os.environ", "os.environb")

    def _named(self, module: Module, node: ast.AST, scope: Scope, depth: int) -> list[Any]:
        if isinstance(node, ast.Attribute):
            found = [
                value
                for owner in self._owners(module, node.value, scope, depth)
                for value in self.attribute(owner, node.attr, depth)
            ]
            if found:
                return found
        symbol = self.source.resolve(module, node)
        if symbol is None or symbol.module is None or symbol.node is None:
            return []
        if isinstance(symbol.node, ast.ClassDef | FunctionNode):
            return [symbol]
        attributes = _attributes_of_a_value(symbol)
        if attributes and isinstance(symbol.node, ast.expr):
            # `URL = settings.url` is what the object has, and not the object.
            *inner, last = attributes
            owners = self._owners(symbol.module, symbol.node, {}, depth)
            for name in inner:
                owners = [
                    value
                    for owner in owners
                    for value in self.attribute(owner, name, depth)
                    if isinstance(value, Instance)
                ]
            return [value for owner in owners for value in self.attribute(owner, last, depth)]
        if terminal(node) != symbol.name:
            # It goes by another name where it is defined.
            return self.values(symbol.module, symbol.node, {}, depth)
        alternatives = symbol.module.names.get(symbol.name, [symbol.node])
        nodes = alternatives if symbol.node in alternatives else [symbol.node]
        return [
            value
            for inner in nodes
            if isinstance(inner, ast.AST) and inner is not node
            for value in self.values(symbol.module, inner, {}, depth)
        ]


def _attributes_of_a_value(symbol: Symbol) -> list[str]:
    """Return what a symbol asks of the value that a name of its module has; empty for a name."""
    assert symbol.module is not None
    names = symbol.path.split(".")
    for number in range(len(names) - 1, 0, -1):
        if symbol.node in symbol.module.names.get(names[number - 1], ()):
            return names[number:]
    return []
