"""Findings that somebody has judged: `# test-harness: ignore[TH101] because ...`."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable
from typing import NamedTuple

from test_harness.suite.lint.finding import Finding
from test_harness.suite.lint.rules.registry import UNEXPLAINED, UNUSED_IGNORE

WORD = "test-harness: ignore"
COMMENT = re.compile(r"#\s*test-harness:\s*ignore(?:\[([^\]]*)\])?(.*)")
BECAUSE = re.compile(r"\s*because\s+\S")


class Ignore(NamedTuple):
    """One comment.

    Args:
        line: The line whose findings are ignored.
        place: Where the comment stands: line and column.
        codes: Which findings.
        is_explained: Whether it says why.
    """

    line: int
    place: tuple[int, int]
    codes: frozenset[str]
    is_explained: bool


def ignores_in(text: str) -> list[Ignore]:
    """Return the comments of a file; one on a line of its own is about the next line of code.

    Args:
        text: What the file says.
    """
    if WORD not in text:
        return []
    found = []
    lines = text.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT or not (match := COMMENT.search(token.string)):
            continue
        row, column = token.start
        is_alone = not lines[row - 1][:column].strip()
        codes = frozenset(code.strip() for code in (match[1] or "").split(",") if code.strip())
        line = _next_code(lines, row) if is_alone else row
        found.append(Ignore(line, (row, column + 1), codes, bool(BECAUSE.match(match[2]))))
    return found


def _next_code(lines: list[str], row: int) -> int:
    for number, line in enumerate(lines[row:], row + 1):
        if line.strip() and not line.strip().startswith("#"):
            return number
    return row


def without_ignored(findings: Iterable[Finding], ignores: list[Ignore], path: str) -> list[Finding]:
    """Return what is left of the findings of a file, and what is wrong with its comments.

    Args:
        findings: Those of the file.
        ignores: Its comments.
        path: The file, as it is shown.
    """
    used: set[tuple[Ignore, str]] = set()
    left = []
    for finding in findings:
        by = [one for one in ignores if one.line == finding.line and finding.code in one.codes]
        used |= {(one, finding.code) for one in by}
        if not by:
            left.append(finding)
    for one in ignores:
        line, column = one.place
        if not one.is_explained or not one.codes:
            left.append(
                Finding(path, line, column, UNEXPLAINED.code, UNEXPLAINED.says, UNEXPLAINED.fix)
            )
        for code in sorted(one.codes):
            if (one, code) not in used:
                says = UNUSED_IGNORE.says.format(code)
                left.append(
                    Finding(path, line, column, UNUSED_IGNORE.code, says, UNUSED_IGNORE.fix)
                )
    return left
