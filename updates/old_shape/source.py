"""A Python file: what each node of its tree is in the text, and edits that leave the rest alone."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from updates.old_shape.mentions import OldProject


class UncertainError(Exception):
    """A line whose successor is not certain; the message says why, and `fix` what to do."""

    def __init__(self, reason: str, fix: str) -> None:
        super().__init__(reason)
        self.fix = fix


@dataclass(frozen=True)
class Edit:
    """Other characters in the place of some."""

    start: int
    end: int
    text: str


# The number of a line, and what is to be done there.
Changes = Iterator[tuple[int, Edit | UncertainError]]


def tree_of(text: str) -> ast.Module:
    """Return the tree of a Python file; what Python thinks of its texts is not said here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


class Source:
    """A Python file of a project that had the old machinery."""

    def __init__(self, text: str, project: OldProject, name: str) -> None:
        self.text = text
        self.project = project
        self.name = name
        self.nodes = list(ast.walk(tree_of(text)))
        self._starts = [0, *(found.end() for found in re.finditer(r"\r\n|\n|\r", text)), len(text)]
        self.comments = [
            (token.start[0], self._starts[token.start[0] - 1] + token.start[1], token.string)
            for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline)
            if token.type == tokenize.COMMENT
        ]

    def line(self, number: int) -> str:
        """Return a line."""
        return self.text[self._starts[number - 1] : self._starts[number]].rstrip("\r\n")

    def span(self, node: ast.stmt | ast.expr | ast.alias) -> tuple[int, int]:
        """Return where a node begins and ends."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._at(node.lineno, node.col_offset), self._at(
            node.end_lineno, node.end_col_offset
        )

    def edit(self, node: ast.expr | ast.alias, old: str, new: str) -> Edit:
        """Return the edit that puts a name in the place of another, which the node begins with."""
        start, end = self.span(node)
        if not self.text[start:end].startswith(old):
            raise UncertainError(
                f"It writes {old} in a way that is not rewritten.", f"write {new} there."
            )
        return Edit(start, start + len(old), new)

    def not_theirs(self, *modules: str) -> None:
        """Refuse modules that the application has in a package `harness` of its own."""
        both = [module for module in modules if self.project.is_theirs(module)]
        if both:
            raise UncertainError(
                "The application has a package `harness` of its own with the same module: "
                f"{both[0] or 'harness'}.",
                "leave it if that one is meant; else import from `test_harness`.",
            )

    def _at(self, line: int, count: int) -> int:
        """Return where a character is, given by its line and the bytes that precede it there."""
        start = self._starts[line - 1]
        before = self.text[start : self._starts[line]].encode("utf-8")[:count]
        return start + len(before.decode("utf-8"))


def guarded(node: ast.stmt | ast.expr, edits: Iterator[Edit]) -> Changes:
    """Return all edits of a node, or why there are none."""
    try:
        yield from [(node.lineno, edit) for edit in edits]
    except UncertainError as error:
        yield node.lineno, error
