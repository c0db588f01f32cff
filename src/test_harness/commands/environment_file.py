"""`test.env`: what stands in it, who wrote it, and what trying adds to it."""

from __future__ import annotations

import re
from pathlib import Path

from test_harness.endings import write_text

# The comments that the harness writes above its own lines.
_OURS = re.compile(
    r"# (leads to the database|required|has no default|is production without it|lets mails be sent"
    r"|asked for by)\b"
)
_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=")
_PLAIN = re.compile(r"[^\s#'\"$\\]+")


class EnvironmentFile:
    """The variables of the tests, as lines.

    Args:
        path: The file; it may not be there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def line_of(self, name: str) -> int:
        """Return the number of the last line that gives a variable a value; 0 without one."""
        found = [number for number, line in enumerate(self._lines, 1) if _name(line) == name]
        return found[-1] if found else 0

    def is_of_a_person(self, name: str) -> bool:
        """Tell whether somebody else than the harness wrote the line of a variable."""
        number = self.line_of(name)
        return number > 0 and not (number > 1 and _OURS.match(self._lines[number - 2]))

    def add(self, name: str, value: str, reason: str) -> None:
        """Give a variable a value, in the place of one that the harness gave it.

        Args:
            name: The variable, which no line of a person has.
            value: What it is, in one line or more.
            reason: Why, as a comment.
        """
        written = [f"# {reason}", f"{name}={quoted(value)}"]
        if number := self.line_of(name):
            self._lines[number - 2 : number] = written
        else:
            self._lines += written

    def write(self) -> None:
        """Write the file."""
        write_text(self.path, "\n".join(self._lines) + "\n")


def _name(line: str) -> str:
    found = _LINE.match(line)
    return found[1] if found else ""


def quoted(value: str) -> str:
    """Return a value as python-dotenv reads it back."""
    if _PLAIN.fullmatch(value):
        return value
    if "\n" in value:
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'"{escaped}"'
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
