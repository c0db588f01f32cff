"""Break the application in memory, one line at a time, and say which faults no test notices.

A dependency that says who may, a condition of a query, a role check, a bound of a field, a commit,
a password: each is dropped by itself, and the tests that come by are run, until one fails. No file
is changed. The exit status is 0, 2 where nothing could be run, and with --strict 1 where a fault
went unnoticed.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from test_harness.commands.copies import copies_of
from test_harness.commands.playing import Player
from test_harness.errors import HarnessError
from test_harness.project import project_dir, suite_dir
from test_harness.seeding import new_seed
from test_harness.suite.sabotage.fault import PLANTED, Fault, faults_in
from test_harness.suite.sabotage.hunting import BROKEN, CAUGHT, UNREACHED, Verdict, hunt
from test_harness.suite.sabotage.mutators import kinds
from test_harness.suite.sabotage.reached import REACHED, Reached, Touching, in_order
from test_harness.watch.order.score import Played, Score

SECONDS = 900
# How many seconds a run with a fault may take, beside three times as many as all tests took.
GRACE = 30
NOTING, PLANTING = "suite.sabotage.noting", "suite.sabotage.planting"


@dataclass
class Report:
    """What a hunt came to.

    Args:
        seed: Of every run.
        verdicts: What came of each fault that was tried.
        left: Faults for which there was no time.
        failing: Tests that fail without a fault, and were left out.
        seconds: How long it took.
    """

    seed: int
    verdicts: list[Verdict] = field(default_factory=list)
    left: list[Fault] = field(default_factory=list)
    failing: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def counted(self) -> list[Verdict]:
        """Those that tell something."""
        return [one for one in self.verdicts if one.end != BROKEN]

    @property
    def unnoticed(self) -> list[Verdict]:
        """Those of faults that nobody would have noticed."""
        return [one for one in self.verdicts if one.is_unnoticed]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("chosen", nargs="*", help="tests, files or folders that are to notice")
    parser.add_argument(
        "--only", action="append", choices=kinds(), help="break nothing but this; may be repeated"
    )
    parser.add_argument(
        "--in", dest="places", action="append", metavar="PATH", help="break what lies here only"
    )
    parser.add_argument(
        "--seconds",
        type=int,
        default=SECONDS,
        help=f"begin no further fault after so many seconds ({SECONDS}); 0 is for all of them",
    )
    parser.add_argument(
        "--all", action="store_true", help="name every test that notices, not the first alone"
    )
    parser.add_argument("--list", action="store_true", help="say what would be broken, and stop")
    parser.add_argument("--strict", action="store_true", help="end with 1 if a fault survives")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    parser.add_argument("--seed", type=int, help="replay a hunt")


def run(arguments: argparse.Namespace) -> int:
    """Hunt, and return the exit status that the module's docstring has."""
    say = partial(print, file=sys.stderr if arguments.json else sys.stdout, flush=True)
    report = Report(new_seed() if arguments.seed is None else arguments.seed)
    player = Player(arguments.chosen, arguments.passed_on)
    say(f"seed: {report.seed}")
    began = time.monotonic()
    played, reached = _play_healthy(player, report.seed)
    took = time.monotonic() - began
    report.failing = [name for name in played.tests if played.failed(name)]
    order = {
        name: place
        for place, name in enumerate(played.tests)
        if name in played.ends and played.ends[name].outcome == "passed"
    }
    if not order:
        raise HarnessError(
            "No test passes while nothing is broken.", "Have `pytest` be green, then run this."
        )
    faults = _chosen(faults_in(project_dir(), reached.lines), arguments)
    say(f"{len(order)} tests pass; {len(faults)} faults can be planted.")
    if arguments.list:
        for fault in faults:
            say(f"{fault.where} {_what(fault)}")
        return 0
    touching = Touching(project_dir(), reached)

    def tests_for(fault: Fault) -> tuple[str, ...]:
        return in_order(touching.tests(fault) & order.keys(), order)

    def play(fault: Fault, tests: tuple[str, ...]) -> Mapping[str, bool] | None:
        score = Score(
            tests=tests,
            seed=report.seed,
            hash_seed=report.seed % 2**32,
            stops=not arguments.all,
        )
        return _play_broken(player, fault, score, 3 * took + GRACE)

    at_start = {"PYTHONHASHSEED": str(report.seed % 2**32)}
    with copies_of(reached.modules, project_dir(), suite_dir(), at_start) as player.run:
        for verdict in hunt(faults, tests_for, play, arguments.seconds):
            report.verdicts.append(verdict)
            say(line_of(verdict))
    report.left = faults[len(report.verdicts) :]
    report.seconds = time.monotonic() - began
    if arguments.json:
        print(json.dumps(as_data(report), indent=2))
    else:
        for line in lines_of(report):
            print(line)
    return 1 if arguments.strict and report.unnoticed else 0


def _chosen(faults: list[Fault], arguments: argparse.Namespace) -> list[Fault]:
    found = [one for one in faults if not arguments.only or one.kind in arguments.only]
    if not arguments.places:
        return found
    places = [Path(place).resolve() for place in arguments.places]
    for place in places:
        if not place.exists():
            raise HarnessError(f"There is no {place} here.", "Name a file or a folder.")
    return [
        one
        for one in found
        if any((project_dir() / one.file).resolve().is_relative_to(place) for place in places)
    ]


def _play_healthy(player: Player, seed: int) -> tuple[Played, Reached]:
    with tempfile.TemporaryDirectory(prefix="test-harness-") as folder:
        noted = Path(folder) / "reached.json"
        # What newer Pythons count lines with sees each line once for all tests.
        core = {"COVERAGE_CORE": "ctrace"} if sys.version_info >= (3, 12) else {}
        played = player.play(
            Score(seed=seed, hash_seed=seed % 2**32),
            plugins=[NOTING],
            # Which routes a test asks for is noted by who counts its requests.
            variables={REACHED: str(noted), "TEST_HARNESS_BUDGETS_OVER": "warn", **core},
        )
        return played, Reached.read(noted)


def _play_broken(
    player: Player, fault: Fault, score: Score, seconds: float
) -> Mapping[str, bool] | None:
    tests = score.tests or ()
    files = list(dict.fromkeys(name.partition("::")[0] for name in tests))
    try:
        played = player.play(
            score,
            files,
            plugins=[PLANTING],
            variables={PLANTED: fault.key},
            seconds=seconds,
        )
    except HarnessError:
        return None
    failed = {name: played.failed(name) for name in tests if name in played.ends}
    return None if played.broken and not any(failed.values()) else failed


def line_of(verdict: Verdict) -> str:
    """Return what a person reads of one fault while it goes on."""
    fault = verdict.fault
    end = {CAUGHT: "caught  ", BROKEN: "no start"}.get(verdict.end, "MISSED  ")
    by = f" <- {', '.join(verdict.by)}" if verdict.by else ""
    return f"{end} {fault.where} {_what(fault)}{by}"


def lines_of(report: Report) -> Iterator[str]:
    """Yield what a person reads in the end, the counts last.

    Args:
        report: What was found.
    """
    if report.unnoticed:
        yield ""
        yield "Nobody would have noticed:"
    for one in report.unnoticed:
        why = "no test comes by" if one.end == UNREACHED else _tests(one.tried)
        yield f"{one.fault.where} {_what(one.fault)} ({why})"
        yield f"  Test: {one.fault.advice}"
    yield ""
    caught = Counter(one.fault.kind for one in report.counted if one.end == CAUGHT)
    planted = Counter(one.fault.kind for one in report.counted)
    for kind, count in planted.items():
        yield f"{kind:<12} {caught[kind]:>3} of {count}"
    if report.failing:
        yield f"{len(report.failing)} tests fail without a fault, and were left out."
    if broken := len(report.verdicts) - len(report.counted):
        yield f"With {broken} faults the application did not come to a test; they do not count."
    if report.left:
        yield f"There was no time for {len(report.left)} faults; `--seconds 0` takes it."
    yield f"caught {sum(caught.values())} of {len(report.counted)} ({report.seconds:.0f} s)"


def _what(fault: Fault) -> str:
    return f"{fault.name or 'the module'} {fault.what}"


def _tests(count: int) -> str:
    return "1 test came by, and passed" if count == 1 else f"{count} tests came by, and passed"


def as_data(report: Report) -> dict[str, Any]:
    """Return what a program reads.

    Args:
        report: What was found.
    """
    return {
        "seed": report.seed,
        "seconds": round(report.seconds, 1),
        "caught": sum(one.end == CAUGHT for one in report.counted),
        "of": len(report.counted),
        "faults": [
            {
                "where": one.fault.where,
                "kind": one.fault.kind,
                "in": one.fault.name,
                "what": one.fault.what,
                "end": one.end,
                "by": list(one.by),
                "tests": one.tried,
                "advice": one.fault.advice if one.is_unnoticed else "",
            }
            for one in report.verdicts
        ],
        "not_tried": [one.where for one in report.left],
        "failing": report.failing,
    }
