"""What the reports of a test make of it: pytest tells of its set-up, its call and its teardown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from test_harness.suite.results.run import (
    BAD,
    ERROR,
    FAILED,
    PASSED,
    SKIPPED,
    XFAILED,
    XPASSED,
    Test,
)
from test_harness.watch.notes import notes_of

LONGEST_REASON = 500
# What the leak detective notes, beside JUnit XML as well: a leak, or one that is known and gone.
LEAK = "test_harness_leak"


def add(test: Test, report: pytest.TestReport) -> None:
    """Add to a test what one report says of it.

    Args:
        test: As `new_test` made it; it is changed.
        report: Of one of its phases.
    """
    phase = report.when or "call"
    test["seconds"][phase] = round(report.duration, 4)
    # As pytest-rerunfailures has it: what is run again ended otherwise in the end.
    if str(report.outcome) == "rerun":
        test["reruns"] += 1
        return
    if phase == "setup" and report.passed:
        return  # Nothing came of it yet.
    outcome, reason = _outcome(report, phase)
    if outcome and test["outcome"] not in BAD:
        test["outcome"], test["reason"] = outcome, reason[:LONGEST_REASON]
    if phase == "teardown":
        test.update(notes_of(report))
        test["leaks"] = [_leak(str(it)) for name, it in report.user_properties if name == LEAK]


def _leak(noted: str) -> dict[str, str]:
    found = json.loads(noted)
    if isinstance(found, str):
        return {"kind": "", "said": found, "fix": ""}
    return {
        "kind": found["kind"],
        "said": f"{found['what']} ({found['place']})",
        "fix": found["fix"],
    }


def _outcome(report: pytest.TestReport, phase: str) -> tuple[str, str]:
    """Return how a test ended and why; nothing where the report does not say yet."""
    expected = getattr(report, "wasxfail", None)
    if report.failed:
        return (FAILED if phase == "call" else ERROR), _first_line(report.longrepr)
    if report.skipped:
        return (SKIPPED, _skipped(report.longrepr)) if expected is None else (XFAILED, expected)
    if phase != "call":
        return "", ""
    return (PASSED, "") if expected is None else (XPASSED, expected)


def _skipped(longrepr: Any) -> str:
    said = longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)
    return said.removeprefix("Skipped: ")


def _first_line(longrepr: Any) -> str:
    crash = getattr(longrepr, "reprcrash", None)
    said = crash.message if crash is not None else str(longrepr)
    return next((line for line in said.splitlines() if line.strip()), "")
