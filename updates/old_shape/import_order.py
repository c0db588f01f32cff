"""Puts imports that were in order before they were rewritten in order again."""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from updates.old_shape.homes import ENGINE
from updates.old_shape.source import tree_of

# Where an import is broken into lines; what most formatters do.
WIDTH = 88


@dataclass(frozen=True)
class Import:
    """An import on lines of its own."""

    node: ast.Import | ast.ImportFrom
    lines: tuple[str, ...]

    @property
    def module(self) -> str:
        """What is imported, or from where."""
        if isinstance(self.node, ast.Import):
            return self.node.names[0].name
        return "." * self.node.level + (self.node.module or "")

    @property
    def is_plain(self) -> bool:
        """Whether it is one line of names without a comment or a star."""
        return (
            isinstance(self.node, ast.ImportFrom)
            and len(self.lines) == 1
            and re.fullmatch(r"\s*from [\w.]+ import [\w, ]+\s*", self.lines[0]) is not None
        )


def _by_kind(one: Import) -> Any:
    return isinstance(one.node, ast.ImportFrom), one.module.startswith("."), one.module.lower()


def _by_name(one: Import) -> Any:
    return one.module.startswith("."), one.module.lower()


ORDERS: Sequence[Callable[[Import], Any]] = (_by_kind, _by_name)


def in_order(before: str, after: str) -> str:
    """Return a file whose imports are in order where they were."""
    if before == after:
        return after
    old_runs, new_runs = (list(_runs(text)) for text in (before, after))
    if len(old_runs) != len(new_runs):
        return after
    lines = _lines(after)
    for (_, old), (start, new) in reversed(list(zip(old_runs, new_runs, strict=True))):
        if [one.lines for one in old] == [one.lines for one in new]:
            continue
        order = next((key for key in ORDERS if list(old) == sorted(old, key=key)), None)
        if order is not None:
            end = start + sum(len(one.lines) for one in new)
            lines[start:end] = _arranged(new, order)
    return "".join(lines)


def from_import(module: str, names: Sequence[str], indent: str = "") -> str:
    """Return an import, in lines if it is long.

    Args:
        module: From where.
        names: What, as it is written there.
        indent: What stands before it, and before each further line.
    """
    line = f"from {module} import {', '.join(names)}"
    if len(indent) + len(line) <= WIDTH:
        return line
    rest = [*(f"{indent}    {name}," for name in names), f"{indent})"]
    return "\n".join([f"from {module} import (", *rest])


def _arranged(run: Sequence[Import], order: Callable[[Import], Any]) -> list[str]:
    """Return the lines of imports in order, with one import of the engine's public names."""
    public = [one for one in run if one.is_plain and one.module == ENGINE]
    rest = [one for one in run if len(public) < 2 or one not in public]
    blocks = [(order(one), list(one.lines)) for one in rest]
    if len(public) > 1:
        first = public[0].lines[0]
        indent = first[: len(first) - len(first.lstrip())]
        newline = first[len(first.rstrip()) :]
        names = {_name(alias) for one in public for alias in one.node.names}
        joined = indent + from_import(ENGINE, sorted(names, key=_kind_of_name), indent)
        merged = [f"{line}{newline}" for line in joined.split("\n")]
        blocks.append((order(public[0]), merged))
    return [line for _, lines in sorted(blocks, key=lambda block: block[0]) for line in lines]


def _lines(source: str) -> list[str]:
    """Return the lines as Python counts them, which has fewer ends of lines than `str`."""
    return io.StringIO(source, newline="").readlines()


def _name(alias: ast.alias) -> str:
    return f"{alias.name} as {alias.asname}" if alias.asname else alias.name


def _kind_of_name(name: str) -> tuple[int, str]:
    """Constants first, then classes, then what else there is."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name.lower()


def _runs(source: str) -> Iterator[tuple[int, list[Import]]]:
    """Find imports that follow each other without an empty line or a comment between them.

    Yields:
        The number of lines before the first of them, and the imports.
    """
    lines = _lines(source)
    for node in ast.walk(tree_of(source)):
        for body in (getattr(node, name, None) for name in ("body", "orelse", "finalbody")):
            if isinstance(body, list):
                yield from _runs_in(body, lines)


def _runs_in(body: Sequence[ast.stmt], lines: Sequence[str]) -> Iterator[tuple[int, list[Import]]]:
    run: list[Import] = []
    last = 0
    for place, node in enumerate(body):
        following = body[place + 1].lineno if place + 1 < len(body) else 0
        end = node.end_lineno or node.lineno
        is_import = isinstance(node, (ast.Import, ast.ImportFrom))
        alone = not lines[node.lineno - 1][: node.col_offset].strip() and following != end
        if run and not (is_import and alone and node.lineno == last + 1):
            yield run[0].node.lineno - 1, run
            run = []
        if isinstance(node, (ast.Import, ast.ImportFrom)) and alone:
            run.append(Import(node, tuple(lines[node.lineno - 1 : end])))
            last = end
    if run:
        yield run[0].node.lineno - 1, run
