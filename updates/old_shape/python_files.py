"""Rewrites what a Python file says of the old machinery, and leaves every other character alone."""

from __future__ import annotations

import re
import tokenize
from collections.abc import Sequence
from itertools import chain

from updates.old_shape import imports, names, texts
from updates.old_shape.import_order import in_order
from updates.old_shape.mentions import Left, OldProject
from updates.old_shape.source import Edit, Source, UncertainError


def rewritten(
    text: str, project: OldProject, name: str, spared: Sequence[range] = ()
) -> tuple[str, list[Left]]:
    """Return a file as it has to be for the engine, and the lines that a person has to see to.

    Lines that are `spared` are seen to by somebody else.
    """
    try:
        source = Source(text, project, name)
    except (SyntaxError, tokenize.TokenError) as error:
        return text, unread(text, project, f"It cannot be read: {error}")
    edits: list[Edit] = []
    left: list[Left] = []
    found = chain(imports.changes(source), names.changes(source), texts.changes(source))
    for line, change in found:
        if any(line in lines for lines in spared):
            continue
        if isinstance(change, UncertainError):
            left.append(Left(line, source.line(line).strip(), str(change), change.fix))
        else:
            edits.append(change)
    result = text
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        result = result[: edit.start] + edit.text + result[edit.end :]
    try:
        return in_order(text, result), sorted(left, key=lambda one: one.line)
    except SyntaxError as error:
        return text, unread(text, project, f"It would not be Python afterwards: {error}")


def unread(text: str, project: OldProject, reason: str) -> list[Left]:
    """Return the lines that mention the old machinery in a file that is not to be rewritten."""
    words = re.compile(r"^\s*(?:from|import)\s+harness\b(?!\.)")
    fix = "write what is in its place; `test_harness` has what is public."
    return [
        Left(number, line.strip(), f"{reason}.", fix)
        for number, line in enumerate(text.splitlines(), start=1)
        if (words.search(line) and not project.has_own_harness) or project.is_mentioned(line)
    ]
