"""Gathers what each test came to and writes it at the end of the run."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from test_harness.settings import settings
from test_harness.suite.results.outcomes import add
from test_harness.suite.results.run import SCHEMA, Run, Test, new_test, suites, totals
from test_harness.suite.shards.plugin import shard_of
from test_harness.version import __version__
from test_harness.watch.order.plugin import seed_of


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("test harness").addoption(
        "--results",
        type=Path,
        metavar="FILE",
        help="write what came of each test into a file, as JSON (docs/results.schema.json)",
    )


def pytest_configure(config: pytest.Config) -> None:
    is_worker = hasattr(config, "workerinput")
    if not is_worker and not config.getoption("collectonly"):
        config.pluginmanager.register(Results(config), "test_harness_results")


class Results:
    """What came of the tests of a run, those of all workers.

    Args:
        config: Of the run.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._tests: dict[str, Test] = {}
        self._not_collected: list[dict[str, str]] = []
        self._began = datetime.now(timezone.utc)
        self._clock = time.perf_counter()
        self._said: list[str] = []

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            lines = report.longreprtext.strip().splitlines() or [""]
            self._not_collected.append({"suite": report.nodeid, "reason": lines[-1]})

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        test = self._tests.get(report.nodeid)
        if test is None:
            test = self._tests[report.nodeid] = new_test(report.nodeid)
        add(test, report)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        # A test that a run was ended in came to nothing.
        tests = [it for it in self._tests.values() if it["outcome"] is not None]
        # A shard says so where it has none.
        if not tests and not self._not_collected and shard_of(self._config) is None:
            return
        from test_harness.suite.results import keeping, summary, targets

        run = self._run(tests, int(exitstatus))
        run["targets"] = targets.time_targets(tests, run["seconds"], settings().budgets)
        self._said = targets.missed(run["targets"])
        cache = getattr(self._config, "cache", None)
        if cache is not None:
            self._try(lambda: keeping.keep(run, cache.mkdir("test_harness")), "the cache of pytest")
        if path := self._config.getoption("--results"):
            # The current folder is the project's by now.
            file = self._config.invocation_params.dir / path
            self._try(lambda: keeping.write_results(run, file), str(path))
        if page := os.environ.get("GITHUB_STEP_SUMMARY"):
            self._try(lambda: _append(Path(page), summary.markdown(run)), "the summary of CI")

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        for said in self._said:
            terminalreporter.write_line(f"test harness: {said}")

    def _try(self, write: Any, what: str) -> None:
        try:
            write()
        except OSError as error:
            self._said.append(f"the results could not be written into {what}: {error}")

    def _run(self, tests: list[Test], exit_status: int) -> Run:
        shard = shard_of(self._config)
        return {
            "schema": SCHEMA,
            "began": self._began.isoformat(timespec="seconds"),
            "seconds": round(time.perf_counter() - self._clock, 3),
            "exit_status": exit_status,
            "seed": seed_of(self._config),
            "workers": getattr(self._config.option, "numprocesses", None) or 0,
            "arguments": list(self._config.invocation_params.args),
            "versions": _versions(),
            "totals": totals(tests),
            "targets": [],
            "not_collected": self._not_collected,
            "suites": suites(tests),
            "tests": tests,
            **({} if shard is None else {"shard": shard}),
        }


def _versions() -> dict[str, str]:
    application, database = settings().application, settings().database
    names = ["pytest", "sqlalchemy", application.framework, database.driver]
    found = {name: _version(name) for name in names}
    ours = {"test-harness": __version__, "python": platform.python_version()}
    return {**ours, **{name: version for name, version in found.items() if version}}


def _version(package: str) -> str:
    # Neither `none` nor a module of the standard library has one.
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _append(page: Path, text: str) -> None:
    with page.open("a", encoding="utf-8") as file:
        file.write(text)
