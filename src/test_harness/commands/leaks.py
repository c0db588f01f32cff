"""Run the suite in several orders, and name the tests that depend on others.

As it is written, reversed, and in orders by chance. Of a test that does not end alike everywhere
the others are found that it fails after, or that it passes after only, each seen in a run of its
own. The exit status is 0 where all tests end alike, 1 where one does not, 2 where nothing was run.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

from test_harness.commands.playing import Player
from test_harness.seeding import new_seed
from test_harness.watch.order.detective import Dependence, Detective, Report
from test_harness.watch.order.score import Score

ORDERS = 2
# How many tests are looked at that do not end alike: each takes a few runs.
MOST = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("chosen", nargs="*", help="files, folders or tests; the suite without any")
    parser.add_argument(
        "--orders", type=int, default=ORDERS, help=f"how many orders by chance ({ORDERS})"
    )
    parser.add_argument("--seed", type=int, help="replay the orders and values of a run")
    parser.add_argument("--alone", action="store_true", help="run each test by itself as well")
    parser.add_argument(
        "--most", type=int, default=MOST, help=f"how many tests to look at in the end ({MOST})"
    )
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Play the orders, and return the exit status that the module's docstring has."""
    seed = new_seed() if arguments.seed is None else arguments.seed
    player = Player(arguments.chosen, arguments.passed_on)

    def play(tests: Any, files: Any = None) -> Any:
        chosen = None if tests is None else tuple(tests)
        if chosen is not None and files is None:
            files = dict.fromkeys(test.partition("::")[0] for test in chosen)
        return player.play(Score(tests=chosen, seed=seed, hash_seed=seed % 2**32), files)

    say = partial(print, file=sys.stderr if arguments.json else sys.stdout, flush=True)
    say(f"seed: {seed}")
    detective = Detective(play, say, arguments.most)
    report = detective.look(
        [seed + count for count in range(arguments.orders)], alone=arguments.alone
    )
    if arguments.json:
        print(json.dumps(as_data(report, player, seed), indent=2))
    else:
        for line in lines_of(report, player, seed):
            print(line)
    return 1 if report.dependent else 0


def lines_of(report: Report, player: Player, seed: int) -> Iterator[str]:
    """Yield what a person reads, the score last.

    Args:
        report: What was found.
        player: Who played it.
        seed: What the orders were drawn from.
    """
    yield ""
    for one in report.dependences:
        yield from _lines_of_one(one, player)
    for test in report.unstable:
        yield f"{test} does not end alike in runs that are alike."
        yield f"  Fix: `test-harness flakes '{test}'` says what changes it."
    for test, said in report.failing.items():
        yield f"{test} fails in every order, and alone{said and f': {said}'}."
    for test in report.unexplored:
        yield f"{test} does not end alike in every order; it was not looked at (--most)."
    for file, said in report.broken.items():
        yield f"{file} cannot be collected, so that its tests are in no order: {said}."
    total, alike = len(report.tests), len(report.tests) - len(report.dependent)
    took = f"{player.runs} runs, {player.seconds:.0f} s"
    yield f"{len(report.orders)} orders, {took}; --seed={seed} replays them"
    yield f"isolation: {report.isolation:.1f} % ({alike} of {total} tests end alike in every order)"


def _lines_of_one(one: Dependence, player: Player) -> Iterator[str]:
    others = " and ".join(one.others) or "several others together, which could not be told apart"
    if one.by_import:
        verb = "fails" if one.passes_alone else "passes only"
        yield f"{one.test} {verb} where {others} is imported{_because(one)}."
        yield "  Fix: change nothing while a module is imported; a fixture can, and undoes it."
    elif one.passes_alone:
        yield f"{one.test} fails after {others}{_because(one)}."
        yield "  Fix: have the one before undo what it changes, as `monkeypatch` and fixtures do."
    else:
        yield f"{one.test} passes only after {others}; alone it fails{_because(one)}."
        yield "  Fix: have it make what it needs itself, or ask a fixture for it."
    if one.others and not one.by_import:
        yield f"  See it: `{player.again([*one.others, one.test])}`"


def _because(one: Dependence) -> str:
    return f" ({one.said})" if one.said else ""


def as_data(report: Report, player: Player, seed: int) -> dict[str, Any]:
    """Return what a program reads.

    Args:
        report: What was found.
        player: Who played it.
        seed: What the orders were drawn from.
    """

    def shown(one: Dependence) -> dict[str, Any]:
        return {
            "test": one.test,
            "after": list(one.others),
            "by_import": one.by_import,
            "said": one.said,
            "replay": player.again([*one.others, one.test]) if one.others else "",
        }

    return {
        "seed": seed,
        "tests": len(report.tests),
        "runs": player.runs,
        "seconds": round(player.seconds, 1),
        "isolation": round(report.isolation, 1),
        "orders": report.orders,
        "victims": [shown(one) for one in report.dependences if one.passes_alone],
        "brittle": [shown(one) for one in report.dependences if not one.passes_alone],
        "unstable": report.unstable,
        "failing": report.failing,
        "unexplored": report.unexplored,
        "broken": report.broken,
    }
