"""`lint_baseline.txt`: findings that were there when the lint came. It may only shrink."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path

from test_harness.endings import write_text
from test_harness.errors import HarnessError
from test_harness.suite.lint.finding import Finding

FILE = "lint_baseline.txt"
HEADER = """\
# Weak tests that `test-harness lint` found when it came, and lets be: the test, the code, and how
# often.
# The list may only shrink: what is mended leaves it, by `test-harness lint --write-baseline`, and
# nothing new comes in.
"""
ENTRY = re.compile(r"(?P<test>\S.*?) (?P<code>[A-Z]+\d+)(?: x(?P<times>\d+))?")
Entry = tuple[str, str]  # the test, or the file; and the code


class BaselineError(HarnessError):
    """The baseline cannot be read, or would grow."""


def entries_of(findings: Iterable[Finding], folder: Path) -> Counter[Entry]:
    """Return what a baseline says of findings.

    Args:
        findings: With paths from the current folder.
        folder: Where the baseline lies.
    """
    return Counter((_test(one, folder), one.code) for one in findings)


def read_baseline(path: Path) -> Counter[Entry]:
    """Return what a baseline says.

    Raises:
        BaselineError: A line of it is none; the message names it.
    """
    found: Counter[Entry] = Counter()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = ENTRY.fullmatch(line.strip())
        if match is None:
            raise BaselineError(
                f"{path.name}:{number} is no entry: {line!r}.",
                "Write `tests/test_file.py::test_name TH101`.",
            )
        found[match["test"], match["code"]] += int(match["times"] or 1)
    return found


def write_baseline(path: Path, entries: Counter[Entry]) -> None:
    """Write a baseline, or delete it where nothing is left."""
    if not entries:
        path.unlink(missing_ok=True)
        return
    lines = [
        f"{test} {code}{f' x{times}' if times > 1 else ''}\n"
        for (test, code), times in sorted(entries.items())
    ]
    write_text(path, HEADER + "".join(lines))


def written(
    before: Counter[Entry] | None,
    findings: Collection[Finding],
    path: Path,
    looked_at: Collection[str],
    unasked: Collection[str] = (),
) -> Counter[Entry]:
    """Return what a baseline is to say now.

    Args:
        before: What it says; None where there is none yet.
        findings: What was found.
        path: Where it lies.
        looked_at: The files that were read; entries of others stay as they are.
        unasked: The codes that nobody looked for; their entries stay too.

    Raises:
        BaselineError: It would grow.
    """
    now = entries_of(findings, path.parent)
    if before is None:
        return now
    if new := now - before:
        (test, code), _ = min(new.items())
        raise BaselineError(
            f"{path.name} would grow by {new.total()}, {code} of {test} first.",
            "Mend what is new, or ignore it where it stands, with a reason: it may only shrink.",
        )
    files = {_from(one, path.parent) for one in looked_at}
    others = {
        one: times
        for one, times in before.items()
        if _file_of(one) not in files or one[1] in unasked
    }
    return now + Counter(others)


def compare(
    findings: Collection[Finding],
    baseline: Counter[Entry],
    folder: Path,
    looked_at: Collection[str],
    unasked: Collection[str] = (),
) -> tuple[list[Finding], list[Entry]]:
    """Return the findings that a baseline does not have, and its entries that are mended.

    Args:
        findings: What was found.
        baseline: What was found before.
        folder: Where the baseline lies.
        looked_at: The files that were read; of others nothing is said.
        unasked: The codes that nobody looked for; of those neither.
    """
    left = Counter(baseline)
    new = []
    for finding in findings:
        entry = (_test(finding, folder), finding.code)
        if left[entry]:
            left[entry] -= 1
        else:
            new.append(finding)
    files = {_from(path, folder) for path in looked_at}
    gone = [
        entry
        for entry, times in left.items()
        if times and _file_of(entry) in files and entry[1] not in unasked
    ]
    return new, sorted(gone)


def _file_of(entry: Entry) -> str:
    return entry[0].partition("::")[0]


def _test(finding: Finding, folder: Path) -> str:
    path = _from(finding.path, folder)
    return f"{path}::{finding.test}" if finding.test else path


def _from(path: str, folder: Path) -> str:
    absolute = Path(path).absolute()
    inside = absolute.is_relative_to(folder)
    return (absolute.relative_to(folder) if inside else absolute).as_posix()
