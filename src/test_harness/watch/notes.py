"""What is noted of a test while it runs, and comes with its last report to who writes results.

A report of a worker of pytest-xdist takes along what it has as plain values.
"""

from __future__ import annotations

from typing import Any

import pytest

ATTRIBUTE = "test_harness_notes"

_notes = pytest.StashKey[dict[str, Any]]()


def note(item: pytest.Item, name: str, value: Any) -> None:
    """Note something of a test.

    Args:
        item: The test.
        name: What it is; the key in the results.
        value: Of what JSON knows.
    """
    item.stash.setdefault(_notes, {})[name] = value


def attach(item: pytest.Item, report: pytest.TestReport) -> None:
    """Give a report what was noted of its test."""
    setattr(report, ATTRIBUTE, item.stash.get(_notes, {}))


def notes_of(report: pytest.TestReport) -> dict[str, Any]:
    """Return what was noted of the test of a report; nothing where no plugin attached it."""
    noted: dict[str, Any] = getattr(report, ATTRIBUTE, {})
    return noted


def ends_of_tests(terminalreporter: Any) -> list[pytest.TestReport]:
    """Return the last report of each test of a run, those of all workers."""
    return [
        report
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "teardown"
    ]


def noted_properties(terminalreporter: Any, name: str) -> list[str]:
    """Return what tests of a run have under a name in their properties, as their ends tell."""
    return [
        str(value)
        for report in ends_of_tests(terminalreporter)
        for key, value in report.user_properties
        if key == name
    ]
