"""How the tests that a backend has make its application, where that takes arguments."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..code.modules import Module
from ..code.nodes import FunctionNode, local_values, terminal
from ..code.source import Source
from .constructors import Constructors, Made

_TESTS = 3
_ADDRESS = "SQLALCHEMY_DATABASE_URI"


def arguments_of_tests(source: Source, constructors: Constructors, made: Made) -> str:
    """Return what tests give to the function that makes the application, as an import path has it.

    A class of the backend is named in full, `create_app(shop.config.TestingConfig)`; what only
    tests have cannot be given, but the class of the backend that it is derived from can. Empty
    where they say nothing that can be said elsewhere.

    Args:
        source: The modules.
        constructors: What finds out which function a call calls.
        made: The application.
    """
    name = made.symbol.name.encode()
    for module in source.modules:
        if module.aside == _TESTS and name in module.data:
            for call in module.calls:
                if constructors.factory_called(module, call) is made:
                    given = [*_Written(source, module, call).arguments()]
                    if given and all(given) and not any('"' in text for text in given):
                        return ", ".join(given)
    return ""


def only_tests_set_the_address(source: Source, given: str) -> bool:
    """Say whether the application has no database but the one that its tests give it.

    Args:
        source: The modules.
        given: What they give.
    """
    key = _ADDRESS.encode()
    return _ADDRESS in given and not any(module.aside < _TESTS for module in source.having(key))


class _Written:
    """The arguments of a call, each as text that means the same anywhere; empty if none does."""

    def __init__(self, source: Source, module: Module, call: ast.Call) -> None:
        self.source = source
        self.module = module
        self.call = call
        function = module.function_around(call)
        self.locals = local_values(function) if isinstance(function, FunctionNode) else {}

    def arguments(self) -> Iterator[str]:
        for value in self.call.args:
            yield self._text(value)
        for word in self.call.keywords:
            text = self._text(word.value)
            yield f"{word.arg}={text}" if word.arg and text else ""

    def _text(self, node: ast.expr) -> str:  # noqa: PLR0911 - one case after another
        if isinstance(node, ast.Name) and node.id in self.locals:
            value = self.locals[node.id]
            # `x = x` leads nowhere.
            return "" if terminal(value) == node.id else self._text(value)
        if isinstance(node, ast.Call):
            # `create_app(TestingConfig())`
            takes = node.args or node.keywords
            name = "" if takes else self._named(node.func, ast.ClassDef) or self._base(node.func)
            return name and f"{name}()"
        if isinstance(node, ast.Subscript):
            # `create_app(config["testing"])`
            table = (
                self._named(node.value, ast.Dict) if isinstance(node.slice, ast.Constant) else ""
            )
            return table and f"{table}[{ast.unparse(node.slice)}]"
        if isinstance(node, ast.Name | ast.Attribute):
            return self._named(node, ast.ClassDef) or self._base(node) or self._constant(node)
        if isinstance(node, ast.Dict):
            return self._dictionary(node)
        try:
            ast.literal_eval(node)
        except ValueError:
            return ""
        return ast.unparse(node)

    def _named(self, node: ast.expr, kind: type[ast.AST]) -> str:
        """Return the full name of what the backend has, if it is of some kind."""
        symbol = self.source.resolve(self.module, node)
        if symbol is None or symbol.module is None or not isinstance(symbol.node, kind):
            return ""
        return "" if symbol.module.aside == _TESTS else symbol.address.replace(":", ".")

    def _base(self, node: ast.expr) -> str:
        """Return the class of the backend that one of the tests is derived from."""
        symbol = self.source.resolve(self.module, node)
        if symbol is None or not isinstance(symbol.node, ast.ClassDef):
            return ""
        for module, kind in self.source.ancestry(symbol):
            if module.aside != _TESTS:
                return f"{module.name}.{kind.name}"
        return ""

    def _constant(self, node: ast.expr) -> str:
        """Return what a name of the tests' own module is bound to, where that is a literal."""
        symbol = self.source.resolve(self.module, node)
        value = symbol.node if symbol is not None and symbol.module is self.module else None
        return self._text(value) if isinstance(value, ast.Dict | ast.Constant) else ""

    def _dictionary(self, node: ast.Dict) -> str:
        """Return the part of a dictionary that is written out; a file of SQLite may be any."""
        pairs = []
        for key, value in zip(node.keys, node.values, strict=True):
            if not isinstance(key, ast.Constant):
                continue
            text = self._text(value)
            if not text and key.value == _ADDRESS and "sqlite" in ast.unparse(value):
                text = "'sqlite://'"
            pairs += [f"{key.value!r}: {text}"] if text else []
        return f"{{{', '.join(pairs)}}}" if pairs or not node.keys else ""
