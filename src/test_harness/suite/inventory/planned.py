"""`planned.txt`: cases that are to be built, until a test of their name is there.

A block is the name of a test and, below it, what is known of it:

    test_invoices::test_a_paid_invoice_cannot_be_paid_again
      kind: api
      route: POST /invoices/{id}/payments
      what: a second payment is refused, and books nothing
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from test_harness.errors import HarnessError
from test_harness.suite.results.kinds import EVERY_KIND, OTHER

FILE = "planned.txt"
KIND, ROUTE = "kind", "route"
FIELDS = (KIND, ROUTE, "model", "what")


class PlannedCasesError(HarnessError):
    """`planned.txt` cannot be read; the message names the line."""


@dataclass(frozen=True)
class Planned:
    """A case that is to be built.

    Args:
        test: Its name, `test_module::test_name`.
        lines: The numbers of the first line of its block and of the one after it, from 0.
        kind: Of which kind it will be.
        route: What it is about: `METHOD /path`.
        model: What it is about: the name of a mapped class.
        what: What it is to show.
    """

    test: str
    lines: tuple[int, int]
    kind: str = OTHER
    route: str = ""
    model: str = ""
    what: str = ""

    @property
    def where(self) -> str:
        """Its line in the file."""
        return f"{FILE}:{self.lines[0] + 1}"


def read_planned(text: str) -> list[Planned]:
    """Return the cases that a file names.

    Args:
        text: Of the file.

    Raises:
        PlannedCasesError: A line is none of a case.
    """
    found: list[Planned] = []
    for number, line in enumerate(text.splitlines()):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not line[0].isspace():
            found.append(_named(line.rstrip(), number, found))
        elif not found:
            raise _wrong(number, "is of no case", "Write the name of the test above it.")
        else:
            found[-1] = _with_field(found[-1], line.strip(), number)
    return found


def without(text: str, built: Container[Planned]) -> str:
    """Return the text of a file without the blocks of some cases; all else stays as it is."""
    lines = text.splitlines(keepends=True)
    for case in reversed(read_planned(text)):
        if case in built:
            first, after = case.lines
            # The empty line that parted it from the next one goes too.
            if after < len(lines) and not lines[after].strip():
                after += 1
            del lines[first:after]
    return "".join(lines)


def take_out(path: Path, built: Container[str]) -> list[str]:
    """Take the cases out of a file that have a test, and return their names.

    Args:
        path: The file; where nothing is to be taken out it is not written.
        built: Names of cases.
    """
    text = read_file(path)
    done = [case for case in read_planned(text) if case.test in built]
    if done:
        path.write_bytes(without(text, done).encode("utf-8"))
    return [case.test for case in done]


def read_file(path: Path) -> str:
    """Return what a file says, with the ends of its lines as they are; nothing without one."""
    return path.read_bytes().decode("utf-8") if path.exists() else ""


def _named(name: str, number: int, before: list[Planned]) -> Planned:
    if not re.fullmatch(r"\w+::[^:\s].*", name):
        raise _wrong(
            number, f"is no name of a test: {name!r}", "Write it as test_module::test_name."
        )
    for other in before:
        if other.test == name:
            raise _wrong(number, f"names {name} once more, as {other.where}", "Delete one.")
    return Planned(name, (number, number + 1))


def _with_field(case: Planned, line: str, number: int) -> Planned:
    key, colon, value = (part.strip() for part in line.partition(":"))
    if not colon or key not in FIELDS or not value:
        known = ", ".join(f"`{it}: ...`" for it in FIELDS)
        raise _wrong(number, f"is nothing that is known of a case: {line!r}", f"Use {known}.")
    if key == KIND and value not in EVERY_KIND:
        raise _wrong(number, f"names no kind: {value!r}", f"Use one of {', '.join(EVERY_KIND)}.")
    if key == ROUTE and not re.fullmatch(r"[A-Z]+ /\S*", value):
        raise _wrong(number, f"is no route: {value!r}", "Write it as `GET /items/{id}`.")
    if getattr(case, key) not in ("", OTHER):
        raise _wrong(number, f"gives `{key}` a second time", "Delete one of the two lines.")
    fields: dict[str, Any] = {key: value, "lines": (case.lines[0], number + 1)}
    return replace(case, **fields)


def _wrong(number: int, what: str, fix: str) -> PlannedCasesError:
    return PlannedCasesError(f"{FILE}:{number + 1} {what}.", fix)
