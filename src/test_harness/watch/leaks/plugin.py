"""The hooks of the leak detective, and what is said of what it found."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import Any

import pytest

from test_harness.errors import HarnessError
from test_harness.project import suite_dir
from test_harness.settings import settings
from test_harness.watch.leaks.detective import Detective, Leak
from test_harness.watch.leaks.kinds.tasks import loops
from test_harness.watch.leaks.known import FILE, KnownLeaksError, called, read_known, write_known
from test_harness.watch.leaks.test import Test

# What is noted about a test in the results of a run.
PROPERTY = "test_harness_leak"
MOST = 20
MODES = ("fail", "warn")


class LeakError(HarnessError):
    """A test leaves something behind.

    Args:
        leaks: What it is.
        gone: Entries of known leaks that are not seen any more.
    """

    def __init__(self, leaks: list[Leak], gone: list[str]) -> None:
        told = "\n".join([*(f"{leak}.\n  Fix: {leak.fix}" for leak in leaks), *gone])
        problem, _, fix = told.rpartition("\n  Fix: ")
        super().__init__(problem, fix)


class LeakPlugin:
    """Has the detective look at each test.

    Args:
        config: That of the run.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._detective = Detective()
        self._failures = 0
        self._fails = settings().watch.leaks == "fail"
        try:
            self._known = read_known(suite_dir() / FILE)
        except KnownLeaksError as error:
            raise pytest.UsageError(str(error)) from None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, Any, Any]:
        self._failures = item.session.testsfailed
        self._detective.begin(Test(item))
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, Any, Any]:
        try:
            result = yield
        finally:
            leaks = self._detective.end()
        for fault in self._detective.faults:
            item.user_properties.append((PROPERTY, json.dumps(fault)))
        self._detective.faults.clear()
        if leaks or self._known:
            self._tell(item, leaks)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Generator[None, Any, Any]:
        if fixturedef.scope == "function":
            if self._detective.test is not None:
                self._detective.test.uses(fixturedef.func)
            result = yield
        else:
            blocks: list[AbstractContextManager[None]] = []
            # Finalizers run in reverse: these two are around what the fixture does at its end.
            # Where the fixture itself ends the run, the second one was never added.
            fixturedef.addfinalizer(lambda: blocks and blocks.pop().__exit__(None, None, None))
            with self._detective.apart():
                result = yield
            fixturedef.addfinalizer(lambda: _enter(self._detective.apart(), blocks))
        if fixturedef.argname.endswith("_scoped_runner") and hasattr(result, "get_loop"):
            loops.add(result.get_loop())
        return result

    def _tell(self, item: pytest.Item, leaks: list[Leak]) -> None:
        known = self._known.get(f"{item.path.stem}::{item.name}", {})
        new = [leak for leak in leaks if called(leak) not in known]
        is_whole = item.session.testsfailed == self._failures
        seen = {called(leak) for leak in leaks}
        gone = [
            f"{where}: {item.nodeid} is known to leave {what!r}, and does not any more.\n"
            f"  Fix: Delete the line in {FILE}."
            for what, where in known.items()
            if what not in seen and is_whole
        ]
        for leak in new:
            item.user_properties.append((PROPERTY, json.dumps(asdict(leak))))
        for one in gone:
            item.user_properties.append((PROPERTY, json.dumps(one)))
        # A test that failed did not get as far as to clean up.
        if self._fails and is_whole and (new or gone):
            raise LeakError(new, gone)


def _enter(block: AbstractContextManager[None], blocks: list[AbstractContextManager[None]]) -> None:
    block.__enter__()
    blocks.append(block)


class LeakSummary:
    """Tells at the end of a run what was left, of the workers of pytest-xdist as well."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._leaks: list[Leak] = []
        self._gone: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "teardown" and report.user_properties:
            properties = report.user_properties
            noted = [json.loads(str(it)) for name, it in properties if name == PROPERTY]
            self._leaks += [Leak(**it) for it in noted if isinstance(it, dict)]
            self._gone += [it for it in noted if isinstance(it, str)]

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self._leaks or self._gone:
            terminalreporter.section("what tests leave behind")
        shown = self._leaks if terminalreporter.config.get_verbosity() > 0 else self._leaks[:MOST]
        for leak in shown:
            terminalreporter.line(f"{leak}.\n  Fix: {leak.fix}")
        if len(shown) < len(self._leaks):
            terminalreporter.line(f"... and {len(self._leaks) - len(shown)} more: -v shows all.")
        for one in self._gone:
            terminalreporter.line(one)
        if self._config.option.write_known_leaks:
            self._write(terminalreporter)

    def _write(self, terminalreporter: Any) -> None:
        path = suite_dir() / FILE
        if path.exists():
            terminalreporter.line(f"{FILE} is there already, and may only shrink: not written.")
            return
        leaks = [(_name(leak.test), called(leak)) for leak in self._leaks]
        write_known(path, leaks)
        terminalreporter.line(f"{FILE} was written with {len(set(leaks))} leaks.")


def _name(test: str) -> str:
    """Return how a test is called in a list of known ones."""
    file, _, rest = test.partition("::")
    stem = file.rpartition("/")[2].removesuffix(".py")
    return f"{stem}::{rest.rpartition('::')[2] if '[' not in rest else rest}"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("test harness").addoption(
        "--write-known-leaks",
        action="store_true",
        help=f"write what tests leave behind to {FILE}, where there is no such file",
    )


def pytest_configure(config: pytest.Config) -> None:
    if settings().watch.leaks not in MODES:
        raise pytest.UsageError(
            str(
                HarnessError(
                    f"[watch] leaks is {settings().watch.leaks!r} in harness.toml.",
                    'Write "fail", "warn" or "off".',
                )
            )
        )
    config.pluginmanager.register(LeakPlugin(config), "test_harness_leaks")
    if not hasattr(config, "workeroutput"):
        config.pluginmanager.register(LeakSummary(config), "test_harness_leak_summary")
