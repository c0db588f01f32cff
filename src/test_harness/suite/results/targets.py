"""How long the tests of a run may take together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from test_harness.settings.budgets import BudgetSettings
from test_harness.suite.results.run import Test

UNIT, WHOLE = "unit_run", "whole_run"
WHAT = {UNIT: "All tests marked unit", WHOLE: "The run"}
FIX = {
    UNIT: "see which of them are slow with `test-harness performance`; what needs the database is "
    "no unit test",
    WHOLE: "see what takes the time with `test-harness performance`, or run it on several cores "
    "with `-n auto` of pytest-xdist",
}


def time_targets(
    tests: Iterable[Test], seconds: float, budgets: BudgetSettings
) -> list[dict[str, Any]]:
    """Return what each target is and what came of it; those that are 0 are none.

    Args:
        tests: Of the run.
        seconds: How long the run took.
        budgets: The targets.
    """
    of_unit = sum(sum(it["seconds"].values()) for it in tests if it["kind"] == "unit")
    taken = {UNIT: of_unit, WHOLE: seconds}
    return [
        {
            "what": what,
            "seconds": round(taken[what], 3),
            "allowed": allowed,
            "met": taken[what] <= allowed,
        }
        for what in (UNIT, WHOLE)
        if (allowed := getattr(budgets, what))
    ]


def missed(targets: Iterable[dict[str, Any]]) -> list[str]:
    """Return what is said of targets that were missed."""
    return [
        f"{WHAT[it['what']]} took {it['seconds']:.0f} seconds, {it['allowed']} are meant; "
        f"{FIX[it['what']]}"
        for it in targets
        if not it["met"]
    ]
