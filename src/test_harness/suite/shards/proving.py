"""Proves from the tests that were executed that shards together are the whole suite."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from test_harness.suite.results.run import Run

# Of pytest: green, and no test in the shard, which happens where there are few.
FINE = (0, 5)
MOST_NAMED = 20


def problems(runs: Sequence[Run], shards: int) -> Iterator[str]:
    """Yield what is wrong with shards; nothing where each test ran once, and all is green.

    Args:
        runs: The results of each shard, as `pytest --results` writes them.
        shards: How many there should be.
    """
    yield from _of_machines(runs, shards)
    yield from _of_collections(runs)
    yield from _of_tests(runs)
    for run in runs:
        if run["exit_status"] not in FINE:
            yield f"Shard {_number(run)} is red: pytest ended with {run['exit_status']}."


def _number(run: Run) -> int:
    return int(run["shard"]["number"])


def _of_machines(runs: Sequence[Run], shards: int) -> Iterator[str]:
    there = Counter(map(_number, runs))
    for number in range(1, shards + 1):
        if not there[number]:
            yield (
                f"Shard {number} of {shards} left no results: its machine failed, or was stopped "
                "before its tests had ended."
            )
    for number, times in sorted(there.items()):
        if times > 1:
            yield f"Shard {number} is there {times} times: take the results of one run only."
    for run in runs:
        if run["shard"]["of"] != shards:
            yield f"Shard {_number(run)} was one of {run['shard']['of']}, and not of {shards}."


def _of_collections(runs: Sequence[Run]) -> Iterator[str]:
    """Shards that see other tests do not deal out the same ones."""
    for run in runs[1:]:
        first, this = ({*it["shard"]["collected"]} for it in (runs[0], run))
        for here, there, tests in (
            (runs[0], run, first - this),
            (run, runs[0], this - first),
        ):
            if tests:
                yield (
                    f"Shard {_number(here)} collected what shard {_number(there)} did not, so that "
                    f"they cannot share the suite: {_named(tests)}. Give tests the same parameters "
                    "on each machine."
                )


def _of_tests(runs: Sequence[Run]) -> Iterator[str]:
    collected = {test for run in runs for test in run["shard"]["collected"]}
    chosen = Counter(test for run in runs for test in run["shard"]["chosen"])
    executed = Counter(it["id"] for run in runs for it in run["tests"])
    if lost := collected - chosen.keys():
        yield f"In no shard: {_named(lost)}."
    if twice := {it for it in executed | chosen if max(executed[it], chosen[it]) > 1}:
        yield f"In more than one shard: {_named(twice)}."
    if strange := executed.keys() - chosen.keys():
        yield f"Executed by a shard that they were not for: {_named(strange)}."
    for run in runs:
        missing = {*run["shard"]["chosen"]} - {it["id"] for it in run["tests"]}
        if missing:
            yield f"Shard {_number(run)} ended before it had run all of its own: {_named(missing)}."


def _named(tests: Iterable[str]) -> str:
    names = sorted(tests)
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
