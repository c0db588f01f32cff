"""Line endings: a file that is written again keeps those that it has, whatever the system."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

WINDOWS = "\r\n"


def write_text(path: Path, text: str) -> None:
    """Write a file of the project, with CRLF where it has that; a new one gets LF.

    So that a checkout with CRLF shows no more changed lines than there are.

    Args:
        path: The file.
        text: Its lines, each of which ends with LF.
    """
    before = b""
    with suppress(FileNotFoundError):
        before = path.read_bytes()
    ends = WINDOWS if WINDOWS.encode() in before else "\n"
    path.write_text(text, encoding="utf-8", newline=ends)
