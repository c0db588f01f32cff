"""Measures every test, notes what it cost, and says which cost more than they may."""

from __future__ import annotations

from collections.abc import Generator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from test_harness.application import exchanges
from test_harness.errors import HarnessError, SettingsError
from test_harness.lock.callers import is_check
from test_harness.runtime.process import runtime
from test_harness.settings import settings
from test_harness.settings.budgets import BudgetSettings
from test_harness.watch.monitor.advice import advice
from test_harness.watch.monitor.budget import DESCRIPTION, MARKER, Budget, Excess
from test_harness.watch.monitor.counting import Counts
from test_harness.watch.monitor.meter import Measured, Meter
from test_harness.watch.monitor.tables import tables_of
from test_harness.watch.notes import ends_of_tests, note, notes_of

COST, OVER = "cost", "over"
MOST_SHOWN = 10
KINDS_OF_OVER = ("warn", "fail", "off")
OURS = "test_harness."
# What clients that come with frameworks call the application under test.
OWN_HOSTS = frozenset({"", "localhost", "test", "testserver", "testserver.local"})


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", DESCRIPTION)
    budgets = settings().budgets
    if budgets.over not in KINDS_OF_OVER:
        raise pytest.UsageError(
            str(
                SettingsError(
                    f"[budgets] over = {budgets.over!r} is none of {', '.join(KINDS_OF_OVER)}.",
                    "Write one of them into harness.toml.",
                )
            )
        )
    if budgets.over != "off" and not config.getoption("collectonly"):
        config.pluginmanager.register(Monitor(budgets), "test_harness_monitor")


class Monitor:
    """Measures the tests of this process.

    Args:
        budgets: What they may cost.
    """

    def __init__(self, budgets: BudgetSettings) -> None:
        self._common = Budget.of_settings(budgets)
        base_url = urlsplit(settings().application.base_url)
        self._meter = Meter(Counts(own_hosts=OWN_HOSTS | {base_url.netloc}))
        self._measures = False
        self._over: list[tuple[Excess, str]] = []
        self._measured: Measured | None = None

    def pytest_sessionstart(self) -> None:
        # The plugin of the harness makes it before; without that, nobody has taken hold of engines.
        self._meter.counter.install(by_seam=runtime.cache_info().currsize > 0)

    def pytest_unconfigure(self) -> None:
        self._meter.counter.uninstall()
        self._meter.resident.close()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, None, None]:
        self._measured, self._over = None, []
        self._budget = _budget_of(item, self._common)
        self._meter.begin(self._budget)
        self._measures = True
        try:
            yield
        except BaseException:
            self._end()
            raise
        self._meter.is_set_up()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Generator[None, None, None]:
        try:
            return (yield)
        finally:
            self._end()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, Any, Any]:
        is_of_the_test = fixturedef.scope == "function" and not _is_ours(fixturedef.func)
        if is_of_the_test or not self._measures:
            return (yield)
        self._meter.pause()
        try:
            return (yield)
        finally:
            self._meter.go_on()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if report.when == "call" and self._measured is not None:
            self._note(item, report, self._measured)
        return report

    def _end(self) -> None:
        if self._measures:
            self._measures = False
            self._measured = self._meter.end()

    def _note(self, item: pytest.Item, report: pytest.TestReport, measured: Measured) -> None:
        cost = measured.cost
        note(
            item,
            COST,
            {
                "seconds": round(cost.seconds, 4),
                "set_up": round(measured.set_up, 4),
                "megabytes": None if cost.megabytes is None else round(cost.megabytes, 2),
                "statements": cost.statements,
                "requests": cost.requests,
                "asked": [*measured.counts.paths, *_sockets()],
                "tables": tables_of(measured.counts.statements),
            },
        )
        over = self._budget.over(cost)
        if not over:
            return
        said = [f"{excess}: {advice(excess, measured)}" for excess in over]
        note(item, OVER, [_shown(*it) for it in zip(over, said, strict=True)])
        marked = [text for excess, text in zip(over, said, strict=True) if excess.marked]
        if marked and report.passed and not hasattr(report, "wasxfail"):
            report.outcome = "failed"
            report.longrepr = "\n".join(f"The test took {text}" for text in marked)


def _sockets() -> list[str]:
    return [f"{exchanges.SOCKET} {path}" for path in dict.fromkeys(exchanges.sockets())]


def _is_ours(function: Any) -> bool:
    return str(getattr(function, "__module__", "")).startswith(OURS)


def _shown(excess: Excess, said: str) -> dict[str, Any]:
    return {
        "what": excess.what,
        "taken": round(excess.taken, 3),
        "allowed": excess.allowed,
        "fails": excess.marked,
        "said": said,
    }


def _budget_of(item: pytest.Item, common: Budget) -> Budget:
    """Return what a test may cost: checks that came with the harness as much as they like."""
    if _is_check(item.path):
        return Budget()
    # The closest of each name, in one walk along the way to the root.
    markers: dict[str, pytest.Mark] = {}
    for found in item.iter_markers():
        markers.setdefault(found.name, found)
    budget = common
    if marker := markers.get(MARKER):
        wrong = ""
        try:
            budget = budget.with_marker(marker.args, marker.kwargs)
        except HarnessError as error:
            wrong = str(error)
        if wrong:
            # Where the harness notices tells nothing.
            pytest.fail(wrong, pytrace=False)
    # These say themselves what they take: whole histories and measurements, and many at once.
    if "migration" in markers or "performance" in markers:
        return budget.without("seconds", "megabytes", "statements", "requests")
    if "concurrency" in markers:
        return budget.without("statements", "requests")
    return budget.without("seconds") if "slow" in markers else budget


@cache
def _is_check(path: Path) -> bool:
    return is_check(str(path))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    over = [
        (report.nodeid, excess)
        for report in ends_of_tests(terminalreporter)
        for excess in notes_of(report).get(OVER, ())
        if not excess["fails"]
    ]
    if not over:
        return
    say = terminalreporter.write_line
    tests = len({name for name, _ in over})
    costs = "test costs more than it may" if tests == 1 else "tests cost more than they may"
    say(f"test harness: {tests} {costs}:")
    over.sort(key=lambda one: -one[1]["taken"] / one[1]["allowed"])
    for name, excess in over[:MOST_SHOWN]:
        say(f"{name} took {excess['said']}")
    if len(over) > MOST_SHOWN:
        say(f"and {len(over) - MOST_SHOWN} more; `test-harness performance` shows all of them")
