"""What is said at the end of a run: how many tests ended how, why, and what was not looked at."""

from __future__ import annotations

import re
import signal
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from test_harness.commands.explanations import explain, explanation
from test_harness.commands.known import is_for_a_person
from test_harness.commands.results import Failure, Results
from test_harness.commands.suite import Outcome
from test_harness.errors import first_said
from test_harness.known import FILE

MOST_CAUSES = 6
LAST_LINES = 8
LONGEST_LINE = 300
MOST_NAMES = 3
FINAL_STATUSES = (0, 1)
INTERRUPTED = 2
STATUSES = {
    INTERRUPTED: "it was interrupted",
    3: "it broke off, or was ended on purpose",
    4: "it was not called as it wants to be, or its configuration is wrong",
    5: "there was no test to run",
}
MEND = "Mend the application."
MEND_OR_ACCEPT = (
    f"Mend the application; or a person accepts it, with the lines for {FILE} below each failure "
    "above."
)


_ONLY_A_STATUS = re.compile(r" answered \d+, not \d+")
_MISTAKE = "The application failed: "
_RAISED = re.compile(r"[\w.]+(Error|Exception)\b.* \([^\s:]+:\d+\)")
_FAILED = re.compile(r" answered 5\d\d, not \d+")


LIMITED = "The application answers 429: it limits how often somebody may ask."
LIMIT_OFF = (
    "Set in test.env the variable that switches the limit off or makes it high, or replace in "
    "conftest.py what counts."
)


def counts(results: Results | None, *, red: bool) -> str:
    """Return how many tests ended how, in pytest's own numbers.

    Args:
        results: Of the run; None where there are none.
        red: Whether the tests that failed come first.
    """
    ends = results or Results()
    itself = f" ({ends.itself} of the harness itself)" if ends.itself else ""
    parts = [f"{ends.failed} failed"] if red else []
    parts += [f"{ends.errors} error{'s' * (ends.errors > 1)}"] if ends.errors else []
    parts.append(f"{ends.passed} passed{itself}")
    parts += [f"{ends.skipped} skipped"] if ends.skipped else []
    parts += [f"{ends.expected} expected to fail"] if ends.expected else []
    parts += [f"{ends.unexpected} passed though expected to fail"] if ends.unexpected else []
    return ", ".join(parts)


def why_red(outcome: Outcome) -> list[str]:
    """Return why a run was red: each cause once, with how many tests it hit, and its fix."""
    lines = [*_ending(outcome), *_faults(outcome.faults)]
    causes = causes_of(outcome.failures)
    for cause in causes[:MOST_CAUSES]:
        lines += cause.lines
    if len(causes) > MOST_CAUSES:
        lines.append(f"{len(causes) - MOST_CAUSES} further causes are shown above.")
    return lines


def _ending(outcome: Outcome) -> Iterator[str]:
    """Yield why pytest came to no result, and what it said last, unless that explains itself."""
    results = outcome.results
    if outcome.status in FINAL_STATUSES and results is not None:
        if outcome.status and not results.failures:
            yield "pytest ended with exit status 1, though no test failed. Its last lines:"
            yield from (f"  {line}" for line in last_lines(outcome.output))
        elif not (results.failures or results.passed):
            yield "No test passed: all that were found were skipped."
        return
    # Modules that cannot be collected interrupt a run.
    if outcome.status == INTERRUPTED and outcome.failures:
        return
    if known := explain(outcome.output):
        yield from known
        return
    yield f"pytest ended without a result: {_said_of(outcome.status)}. Its last lines:"
    yield from (f"  {line}" for line in last_lines(outcome.output))


def _said_of(status: int) -> str:
    if status >= 0:
        return STATUSES.get(status, "its process was ended") + f" (exit status {status})"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = str(-status)
    return f"its process was ended by the signal {name}"


def last_lines(output: str) -> list[str]:
    """Return what a program said last, without rules and empty lines."""
    said = [line.rstrip()[:LONGEST_LINE] for line in output.splitlines()]
    meaningful = [line for line in said if re.search(r"\w", line)]
    return meaningful[-LAST_LINES:] or ["(it said nothing)"]


def _faults(faults: Iterable[str]) -> Iterator[str]:
    tests: dict[str, int] = {}
    for fault in faults:
        tests[fault] = tests.get(fault, 0) + 1
    for fault, number in tests.items():
        yield f"A fault of the harness, and not of the application: {fault}{_hit(number)}."
        yield "  Fix: report it with the traceback above."


@dataclass
class Cause:
    """What tests failed for."""

    text: str
    fix: str
    places: list[str] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)

    @property
    def lines(self) -> list[str]:
        """What is said of it."""
        first, *more = self.text.splitlines() or [""]
        places = [*dict.fromkeys(filter(None, self.places))]
        where = f" ({places[0]})" if places and places[0] not in first else ""
        lines = [f"{first.rstrip('.')[:LONGEST_LINE]}{where}{_hit(len(self.tests))}."]
        lines += [f"  {line}" for line in more[:LAST_LINES]]
        lines += [f"  Checked: {said}." for said in _in_words(self.checks)]
        return [*lines, f"  Fix: {self.fix}"] if self.fix else lines


def causes_of(failures: Mapping[str, Failure]) -> list[Cause]:
    """Return what failed tests failed for, each cause once, but for faults of the harness."""
    causes: dict[str, Cause] = {}
    for test, failure in failures.items():
        if failure.fault:
            continue
        text, fix = _explained(failure)
        # What differs between tests that fail for one reason: numbers, addresses, names of theirs.
        same = re.sub(r"0x[0-9a-f]+|(?<!answered )(?<!not )(?<!\d)\d+", "0", text)
        cause = causes.setdefault(same, Cause(text, fix))
        cause.tests.append(test)
        if failure.seen is not None and not text.startswith(_MISTAKE):
            cause.places.append(failure.seen.line)
        if failure.is_check and _ONLY_A_STATUS.search(text):
            cause.checks.append(test)
        if is_for_a_person(failure) and cause.fix in ("", MEND):
            cause.fix = MEND_OR_ACCEPT
    return sorted(causes.values(), key=lambda one: (one.fix == "", -len(one.tests)))


def _explained(failure: Failure) -> tuple[str, str]:
    """Return what a failure says without what pytest adds to it, and its fix."""
    said = re.sub(r"^(?:[\w.]+\.)?(?:\w+Error|Failed|Exit): ", "", failure.said.strip())
    problem, found, fix = said.partition("\n  Fix: ")
    if found:
        return problem, fix.splitlines()[0]
    if known := explanation(failure.said):
        return known
    first = first_said(failure.said)
    first = re.sub(r"^Failed: ([A-Z]+) https?://[^/\s]+", r"\1 ", first.removeprefix("E "))
    first = first.removeprefix("Failed: ").replace("  ", " ")
    # A query may have a token in it.
    first = re.sub(r"\?\S+(?= answered )", "?...", first)
    if failure.seen is None:
        return first, ""
    if " answered 429, not " in first:
        return LIMITED, LIMIT_OFF
    body = re.search(r"\nResponse body: (\S.*)", failure.said)
    if body and _FAILED.search(first) and _RAISED.fullmatch(body[1]):
        # One mistake breaks many routes, each of which is asked in several ways.
        return f"{_MISTAKE}{body[1][:LONGEST_LINE]}", MEND
    if body and _FAILED.search(first):
        first = f"{first.rstrip('.')}\nIt said: {body[1][:LONGEST_LINE]}"
    # What asserts more than a status does not say what was asked for.
    route, answer = failure.seen.route, failure.seen.answer
    if route and " answered " not in first:
        shown = f"{route} ({answer})" if ":" not in answer else route
        first = f"{shown}: {first}"
    return first, MEND


def _in_words(tests: Iterable[str]) -> Iterator[str]:
    """Yield what checks are of, of which a status says nothing, by their names."""
    names = dict.fromkeys(
        re.sub(r"\[.*", "", test.rpartition("::")[2]).removeprefix("test_").replace("_", " ")
        for test in tests
    )
    shown = [*names][:MOST_NAMES]
    if more := len(names) - len(shown):
        shown.append(f"{more} more")
    if shown:
        yield "; ".join(shown)


def _hit(number: int) -> str:
    return f", {number} tests" if number > 1 else ""


# -------------------------------------------------------------------------- what was not looked at

MOST_REASONS = 8
_OFF = re.compile(
    r"(?:the application has no )?(.*?) \(answer (\w+\.\w+) of harness\.toml"
    r"(?:; (.*?))?\)(?:: .*)?$"
)
# What many other checks hang on; then by how many there are.
FIRST = ("auth.protected_path", "auth.login_path", "auth.token_key")
# Without these an application is of another kind, and no line makes it another.
OF_ANOTHER_KIND = {"auth.session_cookie"}


def not_looked_at(results: Results) -> list[str]:
    """Return what checks were skipped that a line of `harness.toml` switches on, the best first."""
    off: Counter[tuple[str, str, str]] = Counter()
    for reason, number in results.skips.items():
        if (found := _OFF.search(reason)) and found[2] not in OF_ANOTHER_KIND:
            off[found[1], found[2], found[3] or ""] += number
    best = sorted(off.items(), key=lambda one: (_rank(*one[0]), -one[1]))
    return [_line(number, *what) for what, number in best][:MOST_REASONS]


def _rank(_: str, place: str, hint: str) -> int:
    """Return how far down something stands: first what others hang on, then what has a route."""
    return 0 if place in FIRST else 1 if "looks like it" in hint and "no route" not in hint else 2


def _line(number: int, what: str, place: str, hint: str) -> str:
    section, key = place.split(".")
    said = f"{number} check{'s' * (number > 1)} of {what}: name {key} in [{section}]"
    return f"{said}; {hint}" if hint else said
