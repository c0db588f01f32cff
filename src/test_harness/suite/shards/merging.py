"""Makes one run of those of several shards."""

from __future__ import annotations

from collections.abc import Sequence

from test_harness.settings.budgets import BudgetSettings
from test_harness.suite.results.run import Run, suites, totals
from test_harness.suite.results.targets import time_targets
from test_harness.suite.shards.proving import FINE


def merged(runs: Sequence[Run], budgets: BudgetSettings) -> Run:
    """Return the results of a suite whose shards ran at the same time.

    Args:
        runs: Their results, one at least.
        budgets: How long a run may take.
    """
    first = min(runs, key=lambda run: int(run["shard"]["number"]))
    tests = [test for run in runs for test in run["tests"]]
    seconds = max(run["seconds"] for run in runs)
    found: Run = {key: value for key, value in first.items() if key != "shard"}
    return {
        **found,
        "began": min(run["began"] for run in runs),
        "seconds": seconds,
        "exit_status": next((it["exit_status"] for it in runs if it["exit_status"] not in FINE), 0),
        "workers": sum(run["workers"] for run in runs),
        "totals": totals(tests),
        "targets": time_targets(tests, seconds, budgets),
        "not_collected": [it for run in runs for it in run["not_collected"]],
        "suites": suites(tests),
        "tests": tests,
    }
