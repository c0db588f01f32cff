"""Where a function is written, and what its names mean there."""

from __future__ import annotations

import ast
import builtins
import functools
import inspect
import linecache
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

from test_harness.lock.callers import is_of_a_library

Definition = ast.FunctionDef | ast.AsyncFunctionDef

# What a decorator without `functools.wraps` calls the function that it puts in the place of a
# view, and what it calls the view.
_WRAPPERS = {"wrapper", "wrapped", "inner", "decorated", "decorated_function", "decorator", "_wrap"}
_LONGEST_END = 60
_WRAPPED = {"f", "fn", "func", "function", "view", "view_func", "wrapped", "handler", "endpoint"}


@dataclass(frozen=True)
class Source:
    """One function of the project.

    Args:
        function: As it is called.
        node: As it is written.
    """

    function: FunctionType
    node: Definition

    def meaning(self, name: str) -> tuple[bool, Any]:
        """Return whether a name has a meaning outside the function, and which.

        Args:
            name: As it stands in the function.
        """
        function = self.function
        if name in function.__code__.co_freevars and function.__closure__:
            cell = function.__closure__[function.__code__.co_freevars.index(name)]
            try:
                return True, cell.cell_contents
            except ValueError:  # Nothing has been put into it yet.
                return False, None
        for names in (function.__globals__, vars(builtins)):
            if name in names:
                return True, names[name]
        return False, None


def source_of(function: Any) -> Source | None:
    """Return where a function is written; None for one of a library, or of none.

    Args:
        function: What is called, decorated or not.
    """
    inner = innermost(function)
    if inner is None or is_of_a_library(inner.__code__.co_filename):
        return None
    written = _written(inner.__code__)
    return Source(inner, written) if written else None


def mentioned(code: CodeType) -> set[str]:
    """Return the names of globals and attributes in code, and in the functions in it."""
    inner = (mentioned(one) for one in code.co_consts if isinstance(one, CodeType))
    return set(code.co_names).union(*inner)


def innermost(function: Any) -> FunctionType | None:
    """Return the function below what decorates it."""
    while isinstance(function, functools.partial):
        function = function.func
    try:
        inner = inspect.unwrap(function)
    except ValueError:  # It is wrapped in itself.
        return None
    inner = getattr(inner, "__func__", inner)
    if not isinstance(inner, FunctionType):
        return None
    if inner.__name__ in _WRAPPERS:
        for name, cell in zip(inner.__code__.co_freevars, inner.__closure__ or (), strict=False):
            if name in _WRAPPED and isinstance(held := cell.cell_contents, FunctionType):
                return innermost(held)
    return inner


@functools.cache
def _written(code: CodeType) -> Definition | None:
    """Return how a function is written.

    Its lines alone are read: a file is often many times as long as what is asked for in it.
    """
    lines = linecache.getlines(code.co_filename)[code.co_firstlineno - 1 :]
    length = _last_line(code) - code.co_firstlineno + 1
    # What the last statement is made of may go on below the last line that runs.
    for end in range(length, min(length + _LONGEST_END, len(lines)) + 1):
        # As a block, so that it may be indented as it is.
        text = (
            "if True:\n" + "".join(lines[:end]) if lines[0][:1].isspace() else "".join(lines[:end])
        )
        try:
            [found] = ast.parse(text).body
        except (SyntaxError, ValueError):
            continue
        found = found.body[0] if isinstance(found, ast.If) else found
        if isinstance(found, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return found if found.name == code.co_name else None
    return None


def _last_line(code: CodeType) -> int:
    own = [line for _, _, line in code.co_lines() if line]
    inner = [_last_line(one) for one in code.co_consts if isinstance(one, CodeType)]
    return max([code.co_firstlineno, *own, *inner])
