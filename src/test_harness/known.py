"""`known_failures.txt`: checks that are known to fail, each with the answer that was seen.

A block is the name of a test and, below it, what is known of its failure:

    test_health_sync::test_the_health_route_answers
      route: GET /health
      answer: 500
      line: app/main.py:31

A check of security has two lines more, `accepted by` and `reason`, which only a person writes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from test_harness.endings import write_text
from test_harness.errors import HarnessError

FILE = "known_failures.txt"
ROUTE, ANSWER, LINE, BY, REASON = "route", "answer", "line", "accepted by", "reason"
FIELDS = (ROUTE, ANSWER, LINE, BY, REASON)
# Stands for whatever is another text in each run.
ANYTHING = "..."
LONGEST_TEXT = 200

# What is noted about a test in the results of a run, for `test-harness check`.
EVIDENCE, SECURITY, PASSED_ALTHOUGH, SAID = (
    f"test_harness_{name}" for name in ("evidence", "security", "xpassed", "said")
)

HEADER = """\
# Checks that failed when the harness came, each with the answer that was seen and the line of the
# application that gives it. They are expected to fail with this answer and with no other: whatever
# else is seen is red, a pass too, until the entry is deleted. `...` stands for any text.
"""


class KnownFailuresError(HarnessError):
    """`known_failures.txt` cannot be read, or says what it may not."""


@dataclass(frozen=True)
class Seen:
    """What a failed test saw of the application.

    Args:
        route: The method and the path, parts of it by the names of their parameters; empty where
            nothing was asked for.
        answer: The status, what became of a socket, or the type of an exception and what it says.
        line: `file:line` of the application that makes it so.
    """

    route: str
    answer: str
    line: str

    @classmethod
    def of_exception(cls, error: BaseException, route: str, line: str) -> Seen:
        """Return what an exception of the application is: its type, and its first line."""
        said = next(iter(str(error).strip().splitlines()), "")
        name = type(error).__name__
        return cls(route, f"{name}: {steady(said)}" if said else name, line)

    @classmethod
    def of_json(cls, text: str) -> Seen:
        """Return what `to_json` made a text of."""
        return cls(**json.loads(text))

    def to_json(self) -> str:
        """Return it as a text."""
        return json.dumps(asdict(self))

    def __str__(self) -> str:
        place = f" ({self.line})" if self.line else ""
        return f"{f'{self.route}: ' if self.route else ''}{self.answer}{place}"


@dataclass(frozen=True)
class Entry:
    """A test that is known to fail, and what it saw then; None in a file of before.

    `where` is its line in the file, for messages.
    """

    test: str
    seen: Seen | None = None
    accepted_by: str = ""
    reason: str = ""
    where: str = field(default="", compare=False)

    def expects(self, seen: Seen | None) -> bool:
        """Tell whether this is what is known: the same answer on the same route."""
        if self.seen is None or seen is None:
            return False
        known = "(?s:.*)".join(map(re.escape, self.seen.answer.split(ANYTHING)))
        return seen.route == self.seen.route and bool(re.fullmatch(known, seen.answer))

    def __str__(self) -> str:
        lines = [self.test]
        if self.seen is not None:
            lines += fields_of(self.seen)
        if self.accepted_by:
            lines += [f"  {BY}: {self.accepted_by}", f"  {REASON}: {self.reason}"]
        return "\n".join(lines)


def fields_of(seen: Seen) -> list[str]:
    """Return the lines of a block that say what was seen."""
    values = ((ROUTE, seen.route), (ANSWER, seen.answer), (LINE, seen.line))
    return [f"  {name}: {value}" for name, value in values if value]


def block_of(test: str, seen: Seen, *, is_of_security: bool) -> str:
    """Return the block for a test, which a person completes if it is of a check of security."""
    by_a_person = [f"  {BY}: WHO", f"  {REASON}: WHY"] if is_of_security else []
    return "\n".join([test, *fields_of(seen), *by_a_person])


def read_known(path: Path) -> dict[str, Entry]:
    """Return the entries of a file by their tests; none where there is no file.

    Raises:
        KnownFailuresError: A line is none of an entry; the message names it.
    """
    if not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    entries: dict[str, Entry] = {}
    for where, test, values in _blocks(path.name, lines):
        if test in entries:
            raise _wrong(where, f"names {test} once more, as {entries[test].where}", "Delete one.")
        entries[test] = _entry(where, test, values)
    return entries


def write_known(path: Path, entries: Iterable[Entry]) -> None:
    """Write a file of entries."""
    write_text(path, "\n".join([HEADER, *(f"{one}\n" for one in entries)]))


def _blocks(name: str, lines: list[str]) -> Iterator[tuple[str, str, dict[str, str]]]:
    where, test = "", ""
    values: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        here = f"{name}:{number}"
        if not line.strip() or line.startswith("#"):
            continue
        if not line[0].isspace():
            if not re.fullmatch(r"\w+::[^:\s].*", line.rstrip()):
                raise _wrong(
                    here, f"is no name of a test: {line!r}", "Write it as test_module::test_name."
                )
            if test:
                yield where, test, values
            where, test, values = here, line.rstrip(), {}
            continue
        key, colon, value = line.strip().partition(":")
        if not colon or key not in FIELDS or not value.strip():
            known = ", ".join(f"`{one}: ...`" for one in FIELDS)
            raise _wrong(here, f"is nothing that is known of a failure: {line!r}", f"Use {known}.")
        if not test:
            raise _wrong(here, "is of no test", "Write the name of the test above it.")
        if key in values:
            raise _wrong(here, f"gives `{key}` a second time", "Delete one of the two lines.")
        values[key] = value.strip()
    if test:
        yield where, test, values


def _entry(where: str, test: str, values: dict[str, str]) -> Entry:
    if not values:
        return Entry(test, where=where)
    if ANSWER not in values:
        raise _wrong(where, "does not say what was seen", f"Write `{ANSWER}: ...` below it.")
    if (BY in values) is not (REASON in values):
        raise _wrong(
            where, "says only half of who accepted it, and why", f"Write `{BY}` and `{REASON}`."
        )
    seen = Seen(values.get(ROUTE, ""), values[ANSWER], values.get(LINE, ""))
    return Entry(test, seen, values.get(BY, ""), values.get(REASON, ""), where)


def _wrong(where: str, what: str, fix: str) -> KnownFailuresError:
    return KnownFailuresError(f"{where} {what}.", fix)


def steady(said: str) -> str:
    """Return what is said, without what is another number each time, and no more than fits.

    Args:
        said: One line. The status of an answer stays as it is.
    """
    steady = re.sub(
        r"0x[0-9a-fA-F]+|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
        r"|(?<!answered )(?<!answered \d)(?<!answered \d\d)(?<!/v)\d+",
        ANYTHING,
        said,
    )
    return steady if len(steady) <= LONGEST_TEXT else f"{steady[:LONGEST_TEXT]} {ANYTHING}"
