"""`known_leaks.txt`: what tests are known to leave behind; the list may only shrink.

A block is the name of a test and, below it, what it leaves, a line for each:

    test_billing::test_a_rate_is_changed
      leak: environment RATE
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from test_harness.endings import write_text
from test_harness.errors import HarnessError
from test_harness.watch.leaks.detective import Leak

FILE = "known_leaks.txt"
LEAK = "leak"
HEADER = """\
# What tests are known to leave behind, each with its kind and its name. It is passed over, and
# whatever else they leave is told; an entry that is not seen any more is told too, until it is
# deleted.
"""


class KnownLeaksError(HarnessError):
    """`known_leaks.txt` cannot be read."""


def read_known(path: Path) -> dict[str, dict[str, str]]:
    """Return for each test what it is known to leave, with the line that says so.

    Raises:
        KnownLeaksError: A line is none of an entry; the message names it.
    """
    entries: dict[str, dict[str, str]] = {}
    if not path.exists():
        return entries
    test = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        where = f"{path.name}:{number}"
        if not line.strip() or line.startswith("#"):
            continue
        if not line[0].isspace():
            if not re.fullmatch(r"\w+::[^:\s].*", line.rstrip()):
                problem = f"{where} is no name of a test: {line!r}."
                raise KnownLeaksError(problem, "Write it as test_module::test_name.")
            test = line.rstrip()
            continue
        key, colon, value = line.strip().partition(":")
        if key != LEAK or not colon or not value.strip() or not test:
            problem = f"{where} is nothing that is known of a leak: {line!r}."
            raise KnownLeaksError(problem, f"Write `{LEAK}: kind name` below the name of a test.")
        entries.setdefault(test, {})[value.strip()] = where
    return entries


def write_known(path: Path, leaks: Iterable[tuple[str, str]]) -> None:
    """Write the file.

    Args:
        path: Where to; nothing is there yet.
        leaks: The name of each test with what it leaves.
    """
    lines: list[str] = [HEADER]
    last = ""
    for test, leak in sorted(set(leaks)):
        if test != last:
            lines.append(f"\n{test}\n" if last else f"{test}\n")
        last = test
        lines.append(f"  {LEAK}: {leak}\n")
    write_text(path, "\n".join([lines[0], "".join(lines[1:])]))


def called(leak: Leak) -> str:
    """Return how a leak is called there: whatever numbers are in it stand for any."""
    return f"{leak.kind} {re.sub(r'0x[0-9a-fA-F]+|[0-9]+', '...', leak.name)}"
