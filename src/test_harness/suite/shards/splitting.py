"""Deals tests out to machines, so that each has about as much to do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import fmean

from test_harness.errors import HarnessError
from test_harness.suite.results.run import Test

FILE = "durations.json"


def dealt(groups: Mapping[str, str], durations: Mapping[str, float], shards: int) -> dict[str, int]:
    """Return the number of the shard of each test, from 1.

    Nothing counts but names and durations, so that each machine comes to the same answer, in
    whatever order it has collected.

    Args:
        groups: The name of the group of each test; what has the same one stays together.
        durations: How many seconds a test took; one that is not known takes the mean.
        shards: How many there are.

    Source of the technique: R. L. Graham, "Bounds on Multiprocessing Timing Anomalies", 1969: the
    longest first, each to whoever has the least to do, is never more than a third above the best.
    """
    known = [durations[test] for test in groups if test in durations]
    usual = fmean(known) if known else 1.0
    work: dict[str, float] = {}
    for test, group in groups.items():
        work[group] = work.get(group, 0.0) + durations.get(test, usual)
    loads = [0.0] * shards
    place: dict[str, int] = {}
    # What durations do not tell apart, as those of many short tests, is dealt by the count.
    counts = [0] * shards
    for group in sorted(work, key=lambda name: (-work[name], name)):
        least = min(range(shards), key=lambda shard: (loads[shard], counts[shard], shard))
        loads[least] += work[group]
        counts[least] += 1
        place[group] = least + 1
    return {test: place[group] for test, group in groups.items()}


def read_durations(path: Path) -> dict[str, float]:
    """Return how many seconds each test took; nothing where nobody has written it down.

    Raises:
        HarnessError: The file is not what `test-harness durations` writes.
    """
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {str(test): float(seconds) for test, seconds in found.items()}
    except (AttributeError, TypeError, ValueError) as error:
        raise HarnessError(
            f"{path.name} does not say how long tests take: {error}.",
            "Write it anew with `test-harness durations`.",
        ) from None


def durations_text(tests: Iterable[Test]) -> str:
    """Return what the file says of tests that ran: one a line, sorted, so that changes are read."""
    # Of hundreds of short tests, hundredths would leave nothing.
    seconds = {it["id"]: round(sum(it["seconds"].values()), 3) for it in tests}
    return json.dumps(seconds, indent=1, sort_keys=True) + "\n"
