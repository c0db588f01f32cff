"""The inventory of a suite as plain values: its cases, and what of the application they reach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from test_harness.suite.inventory.planned import Planned
from test_harness.suite.results.kinds import EVERY_KIND
from test_harness.suite.results.run import Test

Inventory = dict[str, Any]
Case = dict[str, Any]

FAILING, PLANNED, NOT_RUN = "failing", "planned", "not run"
XFAIL, SKIPPED, PASSING = "xfail", "skipped", "passing"
# What asks for attention comes first.
STATES = (FAILING, PLANNED, NOT_RUN, XFAIL, SKIPPED, PASSING)
STATE_OF = {
    "passed": PASSING,
    "xpassed": PASSING,
    "failed": FAILING,
    "error": FAILING,
    "skipped": SKIPPED,
    "xfailed": XFAIL,
}


def case_of(collected: Mapping[str, Any], last: Test | None) -> Case:
    """Return a case: what was collected, with how it ended when it ran last."""
    ran = last or {}
    return {
        **collected,
        "state": STATE_OF[ran["outcome"]] if ran else NOT_RUN,
        "reason": ran.get("reason", ""),
        "seconds": round(sum(ran["seconds"].values()), 4) if ran else None,
    }


def planned_case(planned: Planned) -> Case:
    """Return a case that is to be built."""
    suite, _, name = planned.test.partition("::")
    return {
        "id": planned.test,
        "suite": f"{suite}.py",
        "name": name,
        "kind": planned.kind,
        "line": None,
        "what": planned.what or in_words(name),
        "state": PLANNED,
        "reason": planned.where,
        "seconds": None,
    }


def in_words(name: str) -> str:
    """Return what the name of a test says, as people read it."""
    test, bracket, parameters = name.rpartition("::")[2].partition("[")
    said = test.removeprefix("test_").replace("_", " ").strip()
    return f"{said[:1].upper()}{said[1:]}{f' ({parameters[:-1]})' if bracket else ''}"


def kinds_in(inventory: Inventory) -> list[str]:
    """Return the kinds that there are tests of, built or planned, in their order."""
    there = {case["kind"] for case in inventory["cases"]}
    return [kind for kind in EVERY_KIND if kind in there]


def counts(cases: Iterable[Case], key: str, order: Sequence[str]) -> dict[str, int]:
    """Return how many cases have which value, in an order; those that none has are left out."""
    found = Counter(case[key] for case in cases)
    return {value: found[value] for value in order if found[value]}


def by_suite(inventory: Inventory) -> dict[str, list[Case]]:
    """Return the cases of each file, in the order of its lines; what is planned comes last."""
    found: dict[str, list[Case]] = {}
    for case in sorted(inventory["cases"], key=lambda it: it["suite"]):
        found.setdefault(case["suite"], []).append(case)
    for cases in found.values():
        cases.sort(key=lambda it: (it["line"] is None, it["line"] or 0))
    return found
