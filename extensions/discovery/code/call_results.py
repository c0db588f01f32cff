"""What a call hands on: an environment variable, a URL in parts, a text, an object."""

from __future__ import annotations

import ast
import re
from typing import Any

from .instances import Instances
from .modules import Module, Symbol
from .nodes import FunctionNode, argument, keyword, parameters, terminal
from .values import (
    CONFIG_READERS,
    DSN_SCHEMES,
    ENVIRONMENT_CALLS,
    GAP,
    SAME_TEXT,
    TEXT_METHODS,
    WRAPPERS,
    Instance,
    Scope,
)


class CallResults(Instances):
    """Finds the values of calls."""

    def _called(self, module: Module, call: ast.Call, scope: Scope, depth: int) -> list[Any]:  # noqa: PLR0911 - one case after another
        name = terminal(call.func)
        symbol = self.source.resolve(module, call.func)
        path = symbol.path if symbol else ""
        if path in ENVIRONMENT_CALLS or self.reads_settings(module, call):
            default = argument(call, 1, "default")
            values = self.values(module, default, scope, depth)
            values = [value for value in values if value not in (None, "")]
            example = self._example(module, call.args[0] if call.args else None)
            return values or example
        if name == "Field" or name.endswith("Field"):
            return self.values(module, argument(call, 0, "default"), scope, depth)
        if name == "create" and terminal(getattr(call.func, "value", None)) in ("URL", "sa_URL"):
            self._parts(module, call, scope, depth)
            return self._url(module, argument(call, 0, "drivername"), scope, depth)
        if name == "build":
            owner = terminal(getattr(call.func, "value", None))
            self._parts(module, call, scope, depth)
            built = self._url(module, keyword(call, "scheme"), scope, depth)
            return built or [f"{DSN_SCHEMES[owner]}://{GAP}"] if owner in DSN_SCHEMES else built
        if name == "join" and path == "os.path.join" and call.args:
            first = self.texts(module, call.args[0], scope) or [GAP]
            last = self.texts(module, call.args[-1], scope) or [GAP]
            return [f"{first[0]}/{last[0]}"]
        if name == "replace" and isinstance(call.func, ast.Attribute):
            return self._replaced(module, call, scope, depth)
        if name in TEXT_METHODS and isinstance(call.func, ast.Attribute):
            values = self.values(module, call.func.value, scope, depth)
            return [TEXT_METHODS[name](value) for value in values if isinstance(value, str)]
        if name in SAME_TEXT and isinstance(call.func, ast.Attribute):
            values = self.values(module, call.func.value, scope, depth)
            return [
                re.sub(r"\{[^{}]*\}", GAP, value) if isinstance(value, str) else value
                for value in values
            ]
        if name in WRAPPERS and call.args:
            return self.values(module, call.args[-1 if name == "cast" else 0], scope, depth)
        if symbol is not None and isinstance(symbol.node, ast.ClassDef | FunctionNode):
            return self._own(symbol, call, module, depth)
        if isinstance(call.func, ast.Attribute):
            owners = self._owners(module, call.func.value, scope, depth)
            return [v for owner in owners for v in self.attribute(owner, call.func.attr, depth)]
        return []

    def _own(self, symbol: Symbol, call: ast.Call, module: Module, depth: int) -> list[Any]:
        """Return what a class or a function of the backend makes of the arguments of a call."""
        assert symbol.module is not None
        function = symbol.node
        if not isinstance(function, FunctionNode):
            return [Instance(symbol)]
        given: dict[str, Any] = {}
        for arg, default in parameters(function):
            given.update((arg.arg, v) for v in self.values(symbol.module, default, None, depth)[:1])
        names = [arg.arg for arg in function.args.args if arg.arg not in ("self", "cls")]
        for name, value in zip(names, call.args, strict=False):
            known = self.values(module, value, None, depth)
            given.pop(name, None)
            given.update((name, v) for v in known[:1])
        for word in call.keywords:
            if word.arg:
                given.update(
                    (word.arg, v) for v in self.values(module, word.value, None, depth)[:1]
                )
        values = self.returned(symbol.module, function, given, depth)
        if not values and function.returns is not None:
            annotated = self.source.resolve(symbol.module, function.returns)
            if annotated and isinstance(annotated.node, ast.ClassDef):
                return [Instance(annotated)]
        return values

    def reads_settings(self, module: Module, call: ast.Call) -> bool:
        """Say whether a call reads an environment variable: `config("X")`, `env.str("X")`."""
        func = call.func
        while isinstance(func, ast.Attribute):
            func = func.value
        if not isinstance(func, ast.Name) or not call.args:
            return False
        symbol = self.source.resolve(module, func)
        if symbol is None:
            return False
        if symbol.module is None:
            # The classes themselves are called with the name of a file.
            return symbol.path.startswith("decouple.") and symbol.name == "config"
        made = self.source.value_class(symbol)
        return made is not None and bool(CONFIG_READERS.match(made.path))

    def _url(self, module: Module, node: ast.expr | None, scope: Scope, depth: int) -> list[Any]:
        values = self.values(module, node, scope, depth)
        return [f"{value}://{GAP}" for value in values if isinstance(value, str)]

    def _parts(self, module: Module, call: ast.Call, scope: Scope, depth: int) -> None:
        """Note what the parts of a URL are read from; their values are not needed."""
        for part in (*call.args, *(word.value for word in call.keywords)):
            self.values(module, part, scope, depth)

    def _replaced(self, module: Module, call: ast.Call, scope: Scope, depth: int) -> list[Any]:
        assert isinstance(call.func, ast.Attribute)
        values = self.values(module, call.func.value, scope, depth)
        if len(call.args) < 2:
            return values
        old, new = (self.text(module, part, scope) for part in call.args[:2])
        if old is None or new is None:
            return values
        if not values and new.endswith("://"):
            return [new + GAP]
        return [value.replace(old, new) if isinstance(value, str) else value for value in values]

    def _example(self, module: Module, node: ast.AST | None) -> list[Any]:
        name = node.value if isinstance(node, ast.Constant) else self.text(module, node)
        if not isinstance(name, str):
            return []
        self.read.add(name)
        return [self.examples[name]] if self.examples.get(name) else []
