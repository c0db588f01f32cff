"""The test that runs, as far as it matters for what it leaves behind."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import CodeType, ModuleType
from typing import Any

import pytest

from test_harness.watch.leaks.files import first_line_with, is_of_tests, line_of


class Test:
    """A test, and the fixtures that are made for it alone.

    Args:
        item: What pytest runs.
    """

    __test__ = False  # it is none of pytest's

    def __init__(self, item: pytest.Item) -> None:
        self.item = item
        self.modules = len(sys.modules)
        self._functions: list[Callable[..., Any]] = [
            getattr(item, "function", None) or item.runtest
        ]

    def uses(self, function: Callable[..., Any]) -> None:
        """Note a fixture that is made for this test."""
        self._functions.append(function)

    @property
    def name(self) -> str:
        """What pytest calls it."""
        return self.item.nodeid

    @property
    def has_imported(self) -> bool:
        """Whether something was imported for the first time while it ran."""
        return len(sys.modules) > self.modules

    def says(self, pattern: str) -> str:
        """Return `file:line` of the test or its fixtures that has a pattern; empty without one."""
        return first_line_with(pattern, self._codes())

    def place(self) -> str:
        """Return `file:line` of the test."""
        path, line, _ = self.item.location
        codes = self._codes()
        return line_of(codes[0]) if codes else f"{path}:{(line or 0) + 1}"

    def _codes(self) -> list[CodeType]:
        codes = [getattr(_unwrapped(it), "__code__", None) for it in self._functions]
        return [it for it in codes if it is not None and is_of_tests(it.co_filename)]


def _unwrapped(function: Any) -> Any:
    function = getattr(function, "__func__", function)
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function


def is_made_by_tests(value: Any) -> bool:
    """Tell whether something is a mock, or of a class or function that tests define."""
    kind = value if isinstance(value, type) else type(value)
    if kind.__module__ == "unittest.mock":
        return True
    code = getattr(value, "__code__", None)
    if code is not None:
        return is_of_tests(code.co_filename)
    module: ModuleType | None = sys.modules.get(kind.__module__)
    return is_of_tests(getattr(module, "__file__", None) or "")
