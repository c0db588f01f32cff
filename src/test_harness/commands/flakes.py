"""Repeat new and changed tests, each time with one thing changed, and name those that mind.

With other seeds, orders, time zones and dates, and while the machine is busy. Nothing is run again
until it passes. The exit status is 0 where every test always ended alike, 1 where one did not, or
fails, and 2 where nothing was run.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from functools import partial
from typing import Any

from test_harness.clock import now
from test_harness.commands.playing import Player
from test_harness.commands.programs import seconds_for
from test_harness.project import project_dir, suite_dir
from test_harness.seeding import new_seed
from test_harness.watch.flakes.changed import changed_tests
from test_harness.watch.flakes.hunt import ITSELF, Flake, Hunt, Report
from test_harness.watch.flakes.load import busy_cores
from test_harness.watch.flakes.variations import (
    CLOCK,
    CLOCK_CHANGE,
    HASHES,
    KINDS,
    LOAD,
    ORDER,
    SEED,
    ZONE,
)
from test_harness.watch.order.score import Played, Score

TIMES = 3
# Seconds for a run that has no limit, after which the machine is left alone again.
LONGEST_LOAD = 3600

FIXES = {
    SEED: "give the test the values that it is about, and let chance choose only what is not",
    HASHES: "sort what comes out of a set before its order counts",
    ORDER: "have each test make what it needs and undo what it changes; `test-harness leaks` names "
    "the other test",
    ZONE: "use aware moments (`datetime.now(timezone.utc)`), in the test and in the application",
    CLOCK: "give the test a moment with the fixture `clock`, and count days with timedelta",
    CLOCK_CHANGE: "count in UTC: a day of a local time zone may have 23 or 25 hours",
    LOAD: "wait for what is to happen, not for a time; what threads share needs a lock",
    ITSELF: "look for what no seed reaches: the time, threads, `uuid4`, `os.urandom`, a service",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument(
        "chosen", nargs="*", help="tests, files or folders to repeat, or to look in"
    )
    parser.add_argument(
        "--since",
        metavar="REF",
        help="repeat what is new or changed since this commit or branch; HEAD, where nothing is "
        "chosen",
    )
    parser.add_argument("--seed", type=int, help="replay a hunt")
    parser.add_argument(
        "--times", type=int, default=TIMES, help=f"how often nothing is changed ({TIMES})"
    )
    parser.add_argument(
        "--only", action="append", choices=KINDS, help="change nothing but this; may be repeated"
    )
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Hunt, and return the exit status that the module's docstring has."""
    say = partial(print, file=sys.stderr if arguments.json else sys.stdout, flush=True)
    seed = new_seed() if arguments.seed is None else arguments.seed
    chosen = arguments.chosen
    since = arguments.since or ("" if chosen else "HEAD")
    player = Player(chosen, arguments.passed_on)
    if since:
        places = [project_dir() / target for target in player.targets] or [suite_dir()]
        player.targets = changed_tests(project_dir(), since, places)
        if not player.targets:
            say(f"No test is new or changed since {since}.")
        else:
            say(f"{len(player.targets)} tests are new or changed since {since}.")
    report = Report(())
    if player.targets:
        say(f"seed: {seed}")
        hunt = Hunt(partial(_play, player), say, arguments.times, arguments.only or KINDS)
        report = hunt.look(Score(seed=seed, hash_seed=seed % 2**32), now())
    if arguments.json:
        print(json.dumps(as_data(report, player, seed), indent=2))
    else:
        for line in lines_of(report, player, seed):
            print(line)
    return 1 if report.flakes or report.failing else 0


def _play(player: Player, score: Score, *, is_busy: bool = False) -> Played:
    # A run is ended after its seconds, and the load with it.
    seconds = seconds_for("run") or LONGEST_LOAD
    with busy_cores(seconds) if is_busy else nullcontext():
        return player.play(score)


def lines_of(report: Report, player: Player, seed: int) -> Iterator[str]:
    """Yield what a person reads, the counts last.

    Args:
        report: What was found.
        player: Who played it.
        seed: What it was drawn from.
    """
    yield ""
    for name in report.reruns:
        yield f"{name} runs tests again until they pass, which hides flakes; it was kept from it."
        yield "  Fix: take `--reruns` and its markers out, and mend what is named here."
    for one in report.flakes:
        said = f" ({one.said})" if one.said else ""
        yield f"{one.test} depends on {_cause(one)}{said}."
        yield f"  Fix: {FIXES[one.cause]}."
        yield f"  See it: `{_again(one, report, seed)}`"
    for test, said in report.failing.items():
        yield f"{test} fails in every run{said and f': {said}'}."
    total, flaky = len(report.tests), len({one.test for one in report.flakes})
    yield f"{player.runs} runs, {player.seconds:.0f} s"
    yield f"flakes: {flaky} of {total} tests do not always end alike"


def _cause(one: Flake) -> str:
    shown = ", ".join(one.shown)
    if one.cause == ITSELF:
        return (
            f"what no run changed: it failed in {shown}"
            if one.fails_plainly
            else (f"what no run changed: it failed once, with {shown}")
        )
    ends = "it passes" if one.fails_plainly else "it fails"
    return f"the {one.cause}: {ends} with {shown}"


def _again(one: Flake, report: Report, seed: int) -> str:
    only = [] if one.cause == ITSELF else ["--only", SEED if one.cause == HASHES else one.cause]
    parts = ["test-harness", "flakes", f"--seed={seed}", *only]
    # An order is one of several tests.
    parts += report.tests if one.cause == ORDER else [one.test]
    return shlex.join(parts)


def as_data(report: Report, player: Player, seed: int) -> dict[str, Any]:
    """Return what a program reads.

    Args:
        report: What was found.
        player: Who played it.
        seed: What it was drawn from.
    """
    return {
        "seed": seed,
        "tests": list(report.tests),
        "runs": player.runs,
        "seconds": round(player.seconds, 1),
        "flakes": [
            {
                "test": one.test,
                "cause": one.cause,
                "with": list(one.shown),
                "fails_plainly": one.fails_plainly,
                "said": one.said,
                "replay": _again(one, report, seed),
            }
            for one in report.flakes
        ],
        "failing": report.failing,
        "reruns": list(report.reruns),
    }
