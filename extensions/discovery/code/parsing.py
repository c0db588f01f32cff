"""Parses Python of any version and any encoding; what cannot be parsed is left out."""

from __future__ import annotations

import ast
import re
import warnings

from .files import decode

# Newer than the Python that may run this: groups without brackets, type parameters, aliases.
_EXCEPT = re.compile(
    r"^([ \t]*except\*?[ \t]+)(?!\()([\w.]+(?:[ \t]*,[ \t]*[\w.]+)+)([ \t]*:)", re.M
)
_PARAMETERS = re.compile(
    r"^([ \t]*(?:async[ \t]+def|def|class)[ \t]+\w+)\[[^\n]*?\](?=[ \t]*[(:])", re.M
)
_ALIAS = re.compile(r"^([ \t]*)type[ \t]+(\w+)(?:\[[^\n=]*\])?[ \t]*=", re.M)
_TEMPLATE = re.compile(r"\bt(?=[\"'])")
_MOST_GAPS = 20


def parse(data: bytes) -> ast.Module:
    """Return the syntax tree of a module, without the statements that cannot be read.

    Args:
        data: The file as it is.

    Returns:
        A tree, whose lines are those of the file; an empty one when nothing can be read.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(data)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return _parse_in_parts(data)


def _parse_in_parts(data: bytes) -> ast.Module:
    text = decode(data).replace("\0", "")
    text = _EXCEPT.sub(r"\1(\2)\3", text)
    text = _PARAMETERS.sub(r"\1", text)
    text = _TEMPLATE.sub("f", _ALIAS.sub(r"\1\2 =", text))
    lines = text.splitlines()
    for _ in range(_MOST_GAPS):
        try:
            return ast.parse("\n".join(lines) + "\n")
        except SyntaxError as error:  # noqa: PERF203 - one bad file must not stop the others
            if not _leave_out(lines, error.lineno or 1):
                break
        except (ValueError, RecursionError, MemoryError):
            break
    return ast.Module(body=[], type_ignores=[])


def _leave_out(lines: list[str], number: int) -> bool:
    """Empty the top-level statement around a line; False when that removes nothing."""
    start = min(number, len(lines)) - 1
    while start > 0 and not re.match(r"[^\s#)\]}]", lines[start]):
        start -= 1
    end = start + 1
    while end < len(lines) and not re.match(r"[^\s#)\]}]", lines[end]):
        end += 1
    # An unclosed bracket or quote is reported where it opens or where the file ends.
    removed = any(line.strip() for line in lines[start:end])
    lines[start:end] = [""] * (end - start)
    return removed
