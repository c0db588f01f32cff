"""How the tests that a backend has make its application, where that takes arguments."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..code.modules import Module
from ..code.source import Source
from .constructors import Constructors, Made

_TESTS = 3


def arguments_of_tests(source: Source, constructors: Constructors, made: Made) -> str:
    """Return what tests give to the function that makes the application, as an import path has it.

    A class of the backend is named in full, `create_app(shop.config.TestingConfig)`; what only
    tests have cannot be given. Empty where they say nothing that can be said elsewhere.

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
                    given = [*_arguments(source, module, call)]
                    if given and all(given) and not any('"' in text for text in given):
                        return ", ".join(given)
    return ""


def _arguments(source: Source, module: Module, call: ast.Call) -> Iterator[str]:
    for value in call.args:
        yield _written(source, module, value)
    for word in call.keywords:
        text = _written(source, module, word.value)
        yield f"{word.arg}={text}" if word.arg and text else ""


def _written(source: Source, module: Module, node: ast.expr) -> str:
    """Return an argument as text that means the same anywhere; empty if there is none."""
    if isinstance(node, ast.Call):
        # `create_app(TestingConfig())`
        name = "" if node.args or node.keywords else _written(source, module, node.func)
        return name and f"{name}()"
    if isinstance(node, ast.Name | ast.Attribute):
        symbol = source.resolve(module, node)
        is_class = symbol is not None and isinstance(symbol.node, ast.ClassDef)
        if symbol is None or symbol.module is None or not is_class:
            return ""
        return "" if symbol.module.aside == _TESTS else symbol.address.replace(":", ".")
    try:
        ast.literal_eval(node)
    except ValueError:
        return ""
    return ast.unparse(node)
