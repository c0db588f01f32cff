"""Whether two answers differ in more than what was sent: such a difference tells of an account."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from test_harness.application.tracebacks import told

# Shorter ones stand in any text.
SHORTEST = 3
SHOWN_CHARACTERS = 200
# What is another one in each answer, such as its time or the number of the request.
_PASSING = re.compile(r"\b[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}\b|\d+")


def assert_tells_no_account(known: Any, unknown: Any) -> None:
    """Check that two answers are the same, but for what they repeat of their requests.

    Args:
        known: The answer to a request with the name of a user.
        unknown: The answer to the same request with a name that nobody has.
    """
    __tracebackhide__ = True
    if known.status_code == unknown.status_code and _said(known) == _said(unknown):
        return
    asked = unknown.request
    failure = AssertionError(
        f"{asked.method} {asked.url.path} tells who has an account: {_shown(known)} for a user, "
        f"and {_shown(unknown)} for nobody.\n"
        "  Fix: Answer both alike; a person may accept it in known_failures.txt."
    )
    failure.response = unknown  # type: ignore[attr-defined]
    raise failure


def _shown(response: Any) -> str:
    return f"{response.status_code} {told(response.text, SHOWN_CHARACTERS)}".rstrip()


def _said(response: Any) -> str:
    """Return a body without what is the request's, and what is another one each time."""
    text = str(response.text)
    sent = set(_sent(response.request.read().decode(errors="replace")))
    for value in sorted(sent, key=len, reverse=True):
        text = text.replace(value, "...")
    return _PASSING.sub("...", text)


def _sent(body: str) -> Iterator[str]:
    try:
        held = json.loads(body)
    except ValueError:
        held = [value for _, value in parse_qsl(body)]
    for value in _texts(held):
        for part in (value, value.partition("@")[0]):
            if len(part) >= SHORTEST:
                yield part


def _texts(held: Any) -> Iterator[str]:
    if isinstance(held, str):
        yield held
    for part in held.values() if isinstance(held, dict) else held if isinstance(held, list) else ():
        yield from _texts(part)
