"""Rewrites comments, documentation and texts that name the old machinery."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

from updates.old_shape.homes import joined, split, successor, way_out
from updates.old_shape.source import Changes, Edit, Source, UncertainError, guarded

LITERAL = re.compile(r"[rRuU]?(\"\"\"|'''|\"|')(?P<value>.*)\1", re.DOTALL)


def changes(source: Source) -> Changes:
    """Find the comments and texts that have to be changed."""
    for line, start, text in source.comments:
        yield from _documentation(source, line, start, start + len(text))
    parts: set[int] = set()
    documentation: set[int] = set()
    programs: set[int] = set()
    for node in source.nodes:
        if isinstance(node, ast.JoinedStr):
            parts |= {id(part) for part in ast.walk(node)} - {id(node)}
        elif isinstance(node, ast.Expr):
            documentation.add(id(node.value))
        elif isinstance(node, (ast.List, ast.Tuple, ast.Call)):
            items = node.args if isinstance(node, ast.Call) else node.elts
            programs |= {
                id(item)
                for before, item in pairwise(items)
                if isinstance(before, ast.Constant) and before.value == "-m"
            }
    for node in source.nodes:
        if id(node) in parts:
            continue
        if isinstance(node, ast.JoinedStr):
            yield from guarded(node, _put_together(source, node))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) in documentation:
                yield from _documentation(source, node.lineno, *source.span(node))
            else:
                yield from _text(source, node, node.value, is_program=id(node) in programs)


def _documentation(source: Source, line: int, start: int, end: int) -> Changes:
    """What nothing runs."""
    text = source.text[start:end]
    now = source.project.put_names_right(source.project.put_right(text))
    if now != text:
        yield line, Edit(start, end, now)


def _put_together(source: Source, node: ast.JoinedStr) -> Iterator[Edit]:
    text = "".join(
        str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
    )
    if source.project.is_mentioned(text) or re.search(r"(?<![\w./-])harness\.\{", text):
        raise UncertainError(
            "A text that is put together while it runs mentions the old machinery.",
            "write what it is called now: `test_harness` and the module of the engine.",
        )
    yield from ()


def _text(source: Source, node: ast.Constant, value: str, *, is_program: bool) -> Changes:
    found = source.project.dotted.fullmatch(value)
    if found is None:
        now = source.project.put_right(value)
        if now != value:
            yield from guarded(node, _literal(source, node, value, now))
        if source.project.is_mentioned(now) or re.search(r"\b(from|import) harness\b", now):
            yield (
                node.lineno,
                UncertainError(
                    "A text that the program uses mentions the old machinery.",
                    "write what is in its place; `test_harness` is the name of the engine.",
                ),
            )
    elif split(found["rest"])[0] and not source.project.is_kept(found["rest"]):
        if is_program:
            error = UncertainError(
                f"It runs harness.{found['rest']} as a program.",
                "`python -m test_harness` is the program now: `seed`, `check`, `factories`.",
            )
            yield node.lineno, error
        else:
            yield from guarded(node, _name_in_a_text(source, node, value, found))


def _name_in_a_text(
    source: Source, node: ast.Constant, value: str, found: re.Match[str]
) -> Iterator[Edit]:
    """A name that is imported or replaced by what is given this text."""
    module, names = split(found["rest"])
    source.not_theirs(module)
    # Whoever reads a text with a colon imports the name, and does not replace it.
    is_imported = found["object"] is not None
    names = found["object"].removeprefix(":") if is_imported else names
    home = successor(module, names, public=is_imported)
    if home is None:
        raise UncertainError(
            f"The engine has no {value.partition('harness.')[2]}.", f"{way_out(module, names)}."
        )
    yield from _literal(source, node, value, joined(home, names, ":" if is_imported else "."))


def _literal(source: Source, node: ast.Constant, value: str, now: str) -> Iterator[Edit]:
    start, end = source.span(node)
    found = LITERAL.fullmatch(source.text, start, end)
    if found is None or found["value"] != value:
        raise UncertainError(
            "A text in several parts mentions the old machinery.", f"let it say {now!r}."
        )
    yield Edit(found.start("value"), found.end("value"), now)
