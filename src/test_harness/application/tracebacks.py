"""What a traceback says that comes as text: frameworks hand theirs on in no other way."""

from __future__ import annotations

import re

from test_harness.lock.callers import is_of_a_library, shown_place

# Those of a group stand behind bars, one below another.
_BARS = re.compile(r"^[\s|+-]*")
_TRACEBACK = "Traceback (most recent call last)"
_ERROR = re.compile(r"[\w.]+(Error|Exception)\b")
_FILE = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+)')


def last_error(text: str) -> str:
    """Return the error that happened, and the line of the project that it came from, if any.

    Args:
        text: The traceback; any other text has its last line returned.
    """
    lines = [_BARS.sub("", line) for line in text.strip().splitlines()]
    errors = [line for line in lines if _ERROR.match(line)]
    said = (errors or [line for line in lines if line] or ["it says no more"])[-1].rstrip(".")
    found = [match for line in lines if (match := _FILE.match(line))]
    places = [shown_place(one["file"], int(one["line"])) for one in found if _is_own(one["file"])]
    return f"{said} ({places[-1]})" if places else said


def told(body: str, most: int) -> str:
    """Return what messages show of a body: the error of a traceback, the beginning of all else.

    Args:
        body: What the application answered, with a traceback where it runs in a debugging mode.
        most: How many characters are shown at the most.
    """
    if _TRACEBACK in body:
        return last_error(body)[:most]
    return body if len(body) <= most else f"{body[:most]} ..."


def _is_own(file: str) -> bool:
    return not is_of_a_library(file) and "test_harness" not in file
