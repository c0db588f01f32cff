"""A pytest plugin that plays a score: which tests run, in which order, at which time.

It works with and without the harness. What the configuration of a project says of the order, of
stopping early, of workers and of repeats does not count while it plays, and nothing of that is
written: neither what pytest remembers, nor results, nor coverage.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from test_harness.seeding import seed_everything
from test_harness.watch.flakes.load import NICENESS
from test_harness.watch.order.naming import name_of
from test_harness.watch.order.score import NOTES, SCORE, UNENDED, Score

# Plugins that run a test again until it passes, as pytest knows them.
RERUNNERS = ("rerunfailures", "pytest_retry", "pytest-retry", "flaky", "flaky_pytest_plugin")
# What is asked for in the configuration of a project, and does not count here.
NOT_ASKED: dict[str, Any] = {
    "numprocesses": None,
    "dist": "no",
    "tx": [],
    "maxfail": 0,
    "lf": False,
    "failedfirst": False,
    "newfirst": False,
    "stepwise": False,
    "randomly_reorganize": False,
    "random_order": False,
    "random_order_bucket": "none",
    "xmlpath": None,
    "results": None,
    "cov_source": [],
    "cov_fail_under": None,
    "no_cov": True,
    "reruns": 0,
    "continue_on_collection_errors": True,
}
JOURNEYS = "test_harness.fixtures.journeys"
# How often threads take turns, in seconds; 0.005 is usual.
HURRY = 1e-6
LONGEST_SAID = 300


class Player:
    """Plays one score.

    Args:
        score: What to play.
        notes: The file that is told of it, a line for each thing.
    """

    def __init__(self, score: Score, notes: Path) -> None:
        self._score = score
        self._notes = notes.open("a", encoding="utf-8")
        self._moved = ExitStack()
        self._folder = Path()
        self._names: dict[str, str] = {}
        self._ends: dict[str, tuple[str, str]] = {}

    def _note(self, **what: Any) -> None:
        self._notes.write(f"{json.dumps(what)}\n")
        self._notes.flush()

    @pytest.hookimpl(tryfirst=True)
    def pytest_load_initial_conftests(self, early_config: pytest.Config) -> None:
        # pytest-cov begins here.
        _ask_for_nothing(early_config.known_args_namespace)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_cmdline_main(self, config: pytest.Config) -> Generator[None, Any, Any]:
        # One process plays: pytest-xdist reads this when its turn comes.
        _ask_for_nothing(config.option)
        return (yield)

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        _ask_for_nothing(config.option)
        self._folder = config.invocation_params.dir
        for name in ("seed", "randomly_seed"):
            if hasattr(config.option, name):
                setattr(config.option, name, self._score.seed)
        reruns = [name for name in RERUNNERS if config.pluginmanager.hasplugin(name)]
        if reruns:
            self._note(reruns=reruns)
        if self._score.zone and hasattr(time, "tzset"):
            os.environ["TZ"] = self._score.zone
            time.tzset()
        if self._score.is_hurried:
            sys.setswitchinterval(HURRY)
            if hasattr(os, "nice"):
                os.nice(NICENESS)
        if self._score.clock:
            import time_machine

            # As a number, which leaves the time zone as it is.
            moment = datetime.fromisoformat(self._score.clock).timestamp()
            self._moved.enter_context(time_machine.travel(moment))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        plugins = session.config.pluginmanager
        if self._score.clock and plugins.hasplugin("test_harness.plugin"):
            from test_harness.isolation.moved_clock import moved_clock

            # Rows have the time that the application has.
            self._moved.enter_context(moved_clock.taken_from(time.time))
        for name in RERUNNERS:
            if plugins.hasplugin(name):
                # Its marker is registered, and means nothing any more.
                plugins.unregister(name=name)

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_teardown(self) -> None:
        if moved := sys.modules.get("test_harness.isolation.moved_clock"):
            moved.moved_clock.stop()

    def pytest_unconfigure(self) -> None:
        self._moved.close()
        self._notes.close()

    def _name(self, item: pytest.Item) -> str:
        return name_of(item, self._folder)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._note(broken=report.nodeid, said=_last_line(report.longreprtext))

    # After every other plugin that has something to say of the order.
    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> Generator[None, Any, Any]:
        result = yield
        found = {self._name(item): item for item in items}
        wanted = found if self._score.tests is None else self._score.tests
        chosen = [found[name] for name in wanted if name in found]
        if journeys := config.pluginmanager.get_plugin(JOURNEYS):
            # No step comes without those before it.
            chosen = journeys.with_steps_before(chosen, items)
            journeys.put_in_order(chosen)
        left_out = set(map(id, items)) - set(map(id, chosen))
        config.hook.pytest_deselected(items=[item for item in items if id(item) in left_out])
        items[:] = chosen
        self._names = {item.nodeid: name for name, item in found.items()}
        self._note(tests=[self._name(item) for item in items])
        return result

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        # As the harness does, which is not there for every suite.
        seed_everything(self._score.seed, item.nodeid)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        name = self._names[item.nodeid]
        self._note(test=name, outcome=UNENDED, said="the process ended in it")
        result = yield
        outcome, said = self._ends.get(item.nodeid, ("skipped", ""))
        self._note(test=name, outcome=outcome, said=said)
        if self._score.stops and outcome == "failed":
            item.session.shouldstop = "a test failed"
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        before, said = self._ends.get(report.nodeid, ("", ""))
        if before == "failed":
            return
        if report.failed:
            before, said = "failed", _said(report)
        elif hasattr(report, "wasxfail"):
            before = "xfailed" if report.skipped else "xpassed"
        elif report.skipped or (report.when == "call" and not before):
            before = report.outcome
        self._ends[report.nodeid] = before, said


def _ask_for_nothing(options: Any) -> None:
    for name, value in NOT_ASKED.items():
        if hasattr(options, name):
            setattr(options, name, value)


def _said(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash is not None else _last_line(report.longreprtext)
    return next(iter(str(text).strip().splitlines()), "")[:LONGEST_SAID]


def _last_line(text: str) -> str:
    lines: Iterator[str] = (line.strip() for line in reversed(text.splitlines()))
    return next(filter(None, lines), "").removeprefix("E").strip()[:LONGEST_SAID]


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    # Read at once, for pytest-cov begins before options are parsed.
    score, notes = os.environ[SCORE], os.environ[NOTES]
    pluginmanager.register(Player(Score.read(Path(score)), Path(notes)))
