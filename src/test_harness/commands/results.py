"""What a run of pytest left in its JUnit XML: how many tests ended how, and what failed ones said.

Source: https://docs.pytest.org/en/stable/how-to/output.html#creating-junitxml-format-files
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from test_harness.known import EVIDENCE, PASSED_ALTHOUGH, SAID, SECURITY, Seen
from test_harness.lock.callers import CHECKS, FAULT, FAULT_SAID

# Checks that say how the harness works here, whatever the application does.
OF_THE_HARNESS = ("test_infrastructure", "test_isolation_", "test_real_commits_", "test_unit_")
EVERY_TABLE = "test_every_table_of_the_metadata_exists"


@dataclass(frozen=True)
class Failure:
    """Why a test failed.

    Args:
        said: The message of its error.
        seen: What the application was seen to do, where that is known.
        fault: What there is to report where only the harness can be behind it.
        is_check: Whether the test came with the harness.
        is_of_security: Whether it tries to get in without the right.
        is_of_the_test: Whether it came of the test, and not of what was made before or undone
            after it.
    """

    said: str
    seen: Seen | None = None
    fault: str = ""
    is_check: bool = False
    is_of_security: bool = False
    is_of_the_test: bool = True


@dataclass(frozen=True)
class Results:
    """How many tests ended how, as pytest counts them; failures and skips by what they say.

    `itself` are those of the tests that passed which look at the harness alone, and `skips` how
    many tests were skipped for a reason.
    """

    passed: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0
    expected: int = 0
    unexpected: int = 0
    itself: int = 0
    failures: Mapping[str, Failure] = field(default_factory=dict)
    skips: Mapping[str, int] = field(default_factory=dict)


def read_results(path: Path) -> Results | None:
    """Read the file that pytest wrote; None if it did not come as far as that."""
    try:
        root = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError):
        return None
    total = sum(int(suite.get("tests", 0)) for suite in root.iter("testsuite"))
    cases = list(root.iter("testcase"))
    ends = Counter(end for case in cases for end in _ends(case))
    names = {kind: {_key(case) for case in cases if kind in _ends(case)} for kind in _BAD}
    # Of a test that failed and could not be undone, pytest counts both.
    total += len(names["failure"] & names["error"])
    passed = total - sum(ends[end] for end in ("failure", "error", "skipped", "expected"))
    unexpected = sum(PASSED_ALTHOUGH in _notes(case) for case in cases)
    return Results(
        passed - unexpected,
        ends["failure"],
        ends["error"],
        ends["skipped"],
        ends["expected"],
        unexpected,
        sum(1 for case in cases if not _ends(case) and _is_of_the_harness(case)),
        dict(_failures(cases)),
        Counter(
            skip.get("message") or ""
            for case in cases
            for skip in case.iter("skipped")
            if skip.get("type") == "pytest.skip"
        ),
    )


_BAD = ("failure", "error")


def _ends(case: ElementTree.Element) -> list[str]:
    """Return how a test ended besides that it passed: more than once if it could not be undone."""
    skips = case.iter("skipped")
    return [
        *(child.tag for child in case if child.tag in _BAD),
        *("expected" if skip.get("type") == "pytest.xfail" else "skipped" for skip in skips),
    ]


def _key(case: ElementTree.Element) -> tuple[str, str]:
    return case.get("classname", ""), case.get("name", "")


def _notes(case: ElementTree.Element) -> dict[str, str]:
    return {it.get("name", ""): it.get("value", "") for it in case.iter("property")}


def _is_check(case: ElementTree.Element) -> bool:
    return CHECKS in case.get("classname", "").split(".")


def _is_of_the_harness(case: ElementTree.Element) -> bool:
    module = case.get("classname", "").rpartition(".")[2]
    return _is_check(case) and module.startswith(OF_THE_HARNESS) and case.get("name") != EVERY_TABLE


def _failures(cases: list[ElementTree.Element]) -> Iterator[tuple[str, Failure]]:
    for case in cases:
        notes = _notes(case)
        for problem in (*case.iter("failure"), *case.iter("error")):
            message, text = problem.get("message") or problem.tag, problem.text or ""
            fault = notes.get(FAULT, "")
            if text.startswith(FAULT_SAID):
                fault = text.removeprefix(FAULT_SAID).partition("\n")[0]
            around = re.fullmatch(r'failed on (setup|teardown) with "(.*)"', message, re.DOTALL)
            is_collection = message == "collection failure"
            said = around[2] if around else text if is_collection else message
            yield (
                _name(case),
                Failure(
                    said=notes.get(f"{SAID}_{_when(problem)}", said),
                    seen=Seen.of_json(notes[EVIDENCE]) if EVIDENCE in notes else None,
                    fault=fault,
                    is_check=_is_check(case),
                    is_of_security=SECURITY in notes,
                    is_of_the_test=problem.tag == "failure",
                ),
            )


def _when(problem: ElementTree.Element) -> str:
    """Return in which part of a test something went wrong."""
    if problem.tag == "failure":
        return "call"
    begins = (problem.get("message") or "").startswith("failed on teardown")
    return "teardown" if begins else "setup"


def _name(case: ElementTree.Element) -> str:
    module = case.get("classname", "").rpartition(".")[2]
    return f"{module}::{case.get('name')}" if module else case.get("name", "")
