"""What the tests cost, in lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

from test_harness.suite.results.run import Run, counted, slowest
from test_harness.suite.results.targets import missed

MOST_SLOW = 10
# A test is slower than it was at this multiple of its median, and from these seconds on.
TIMES, FROM = 2.0, 0.2
FEWEST_RUNS = 3
SECONDS = 1


def lines(run: Run, history: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield what there is to know of a run: the slowest, what costs too much, and what got slower.

    Args:
        run: Its results.
        history: Figures of runs, this one last.
    """
    yield f"{counted(run)} in {run['seconds']:.1f} s ({run['began'][:16].replace('T', ' ')} UTC)"
    yield "The slowest tests:"
    for test in slowest(run["tests"], MOST_SLOW):
        yield f"  {sum(test['seconds'].values()):8.3f} s  {test['id']}"
    slower = [*_slower(history)]
    if slower:
        yield "Slower than they were:"
        yield from (f"  {it}" for it in slower)
    over = [(test, excess) for test in run["tests"] for excess in test["over"]]
    if over:
        yield "Cost more than they may:"
        yield from (f"  {test['id']} took {excess['said']}" for test, excess in over)
    yield from missed(run["targets"])


def _slower(history: Sequence[dict[str, Any]]) -> Iterator[str]:
    *earlier, last = [it["tests"] for it in history] or [{}]
    for name, figures in last.items():
        taken = [it[name][SECONDS] for it in earlier if it.get(name, (None, None))[SECONDS]]
        now = figures[SECONDS]
        if now is None or len(taken) < FEWEST_RUNS or now < FROM:
            continue
        usual = median(taken)
        if now > usual * TIMES:
            yield f"{name}: {now:.3g} s, {usual:.3g} s in the {len(taken)} runs before"
