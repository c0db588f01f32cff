"""The summary of a run in Markdown, for the page that CI shows of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from test_harness.suite.results.run import BAD, Run, counted, slowest
from test_harness.suite.results.targets import missed

MOST_FAILURES = 20
MOST_OVER = 10
MOST_SLOW = 5
LONGEST = 400


def markdown(run: Run) -> str:
    """Return what there is to know of a run, what went wrong first."""
    return "\n".join(_lines(run)) + "\n"


def _lines(run: Run) -> Iterator[str]:
    bad = [it for it in run["tests"] if it["outcome"] in BAD]
    rate = run["totals"]["success_rate"]
    share = "" if rate is None else f", {rate:.1%} of those that ended passed"
    yield f"## Tests: {'red' if run['exit_status'] else 'green'}"
    yield ""
    yield f"{counted(run)} in {run['seconds']:.1f} s{share}. Replay with `--seed={run['seed']}`."
    yield from (f"- {cell(it['reason'])}: `{it['suite']}`" for it in run["not_collected"])
    if bad:
        rows = ((f"`{it['id']}`", it["reason"]) for it in bad)
        yield from table(("failed", "why"), rows, MOST_FAILURES)
    over = [(test, excess) for test in run["tests"] for excess in test["over"]]
    if over:
        shown = ((f"`{test['id']}`", excess["said"]) for test, excess in over)
        yield from table(("costs more than it may", "what and how to mend it"), shown, MOST_OVER)
    leaks = [(test, leak) for test in run["tests"] for leak in test["leaks"]]
    if leaks:
        left = ((f"`{test['id']}`", leak["said"]) for test, leak in leaks)
        yield from table(("leaves something behind", "what"), left, MOST_OVER)
    if missed_targets := missed(run["targets"]):
        yield ""
        yield from (f"- {it}" for it in missed_targets)
    slow = slowest(run["tests"], MOST_SLOW)
    taken = [(f"`{it['id']}`", f"{sum(it['seconds'].values()):.2f}") for it in slow]
    yield from _folded("The slowest tests", table(("test", "seconds"), taken))
    counts = ("tests", "passed", "failed", "error", "skipped")
    files = (
        (f"`{it['suite']}`", *(str(it[key]) for key in counts), f"{it['seconds']:.2f}")
        for it in run["suites"]
    )
    heads = ("suite", "tests", "passed", "failed", "errors", "skipped", "seconds")
    yield from _folded("Every file of tests", table(heads, files))


def _folded(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield ""
    yield f"<details><summary>{title}</summary>"
    yield from lines
    yield ""
    yield "</details>"


def table(
    heads: Iterable[str], rows: Iterable[Iterable[str]], most: int | None = None
) -> Iterator[str]:
    """Yield the lines of a table in Markdown, with an empty line before it.

    Args:
        heads: The names of its columns.
        rows: Their cells; nothing in them can break the table.
        most: How many rows are shown; what is left is counted.
    """
    heads = list(heads)
    every = [[cell(it) for it in row] for row in rows]
    yield ""
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in every[:most]:
        yield f"| {' | '.join(row)} |"
    if most is not None and len(every) > most:
        yield f"| and {len(every) - most} more |{' |' * (len(heads) - 1)}"


def cell(text: str) -> str:
    """Return a text as it can stand in one line of a table, shown as it is."""
    line = " ".join(text.split())
    line = f"{line[:LONGEST]} ..." if len(line) > LONGEST else line
    return line.replace("|", "\\|").replace("<", "&lt;")
