"""The comments in a revision that allow an operation which is dangerous elsewhere."""

from __future__ import annotations

import ast
import re
from pathlib import Path

_IGNORE = re.compile(r"#\s*migration-ok\s+(\w+)\s*:?\s*(.*)")


class Revision:
    """The comments of a revision that allow an operation."""

    def __init__(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines()
        self._allowed = {
            (match[1], number)
            for number, line in enumerate(lines, start=1)
            if (match := _IGNORE.search(line)) and match[2].strip()
        }
        self._statements = (
            [node for node in ast.walk(ast.parse(text)) if isinstance(node, (ast.With, ast.Expr))]
            if self._allowed
            else []
        )
        self._comments = {
            number for number, line in enumerate(lines, start=1) if line.strip().startswith("#")
        }

    def allows(self, code: str, line: int) -> bool:
        """Return whether a comment with a reason stands at the statement, or right above it."""
        for node in self._statements:
            # A batch operation sends its statements at the end of its `with`.
            last = (
                (node.end_lineno or 0) if isinstance(node, ast.Expr) or node.lineno == line else 0
            )
            first = node.lineno
            while first - 1 in self._comments:
                first -= 1
            if node.lineno <= line <= last and any(
                (code, number) in self._allowed for number in range(first, last + 1)
            ):
                return True
        return False
