"""The results of a run as they are written: docs/results.schema.json says what each value means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Test = dict[str, Any]
Run = dict[str, Any]

SCHEMA = 1
PASSED, FAILED, ERROR = "passed", "failed", "error"
SKIPPED, XFAILED, XPASSED = "skipped", "xfailed", "xpassed"
OUTCOMES = (PASSED, FAILED, ERROR, SKIPPED, XFAILED, XPASSED)
BAD = (FAILED, ERROR)
PHASES = ("setup", "call", "teardown")


def new_test(name: str) -> Test:
    """Return what is known of a test before it has run."""
    return {
        "id": name,
        "suite": name.partition("::")[0],
        "name": name.partition("::")[2],
        "kind": "other",
        "outcome": None,
        "reason": "",
        "reruns": 0,
        "seconds": dict.fromkeys(PHASES, 0.0),
        "cost": None,
        "over": [],
        "leaks": [],
    }


def totals(tests: Iterable[Test]) -> dict[str, Any]:
    """Return how many tests ended how, and the share of those that ended and passed.

    What was skipped, or was expected to fail and did, is in no share.
    """
    found = dict.fromkeys(OUTCOMES, 0)
    seconds = 0.0
    for test in tests:
        found[test["outcome"]] += 1
        seconds += sum(test["seconds"].values())
    judged = found[PASSED] + found[XPASSED] + found[FAILED] + found[ERROR]
    rate = (found[PASSED] + found[XPASSED]) / judged if judged else None
    return {
        "tests": sum(found.values()),
        **found,
        "success_rate": None if rate is None else round(rate, 4),
        "seconds": round(seconds, 3),
    }


def suites(tests: Iterable[Test]) -> list[dict[str, Any]]:
    """Return the totals of each file of tests, in the order of their names."""
    found: dict[str, list[Test]] = {}
    for test in tests:
        found.setdefault(test["suite"], []).append(test)
    return [
        {"suite": name, "kinds": sorted({it["kind"] for it in found[name]}), **totals(found[name])}
        for name in sorted(found)
    ]


def slowest(tests: Iterable[Test], most: int) -> list[Test]:
    """Return the tests that took the most seconds, the slowest first."""
    return sorted(tests, key=lambda one: -sum(one["seconds"].values()))[:most]


def name_in_words(number: int, outcome: str) -> str:
    """Return how many tests ended in a way, in the words of pytest."""
    return f"{number} {outcome}{'s' if outcome == ERROR and number != 1 else ''}"


def counted(run: Mapping[str, Any]) -> str:
    """Return how a run ended, in one line."""
    found = run["totals"]
    said = [name_in_words(found[it], it) for it in OUTCOMES if found[it]]
    return ", ".join(said) or "no test ran"
