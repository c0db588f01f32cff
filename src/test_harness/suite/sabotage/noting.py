"""A pytest plugin that notes which lines of the application a test runs, and what it asks for."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path
from typing import Any

import coverage
import pytest

from test_harness.application.routes import Route, route_for, routes_of
from test_harness.errors import HarnessError
from test_harness.project import suite_dir
from test_harness.runtime.process import runtime
from test_harness.suite.sabotage.nursery import LIBRARIES
from test_harness.suite.sabotage.reached import REACHED
from test_harness.watch.notes import notes_of
from test_harness.watch.order.naming import name_of

# What is no part of the application.
_NOT_THEIRS = (
    "*/site-packages/*", "*/.venv/*", "*/venv/*", "*/test_*.py", "*_test.py", "*/conftest.py",
    "*/tests/*", "*/migrations/*", "*/alembic/*",
)  # fmt: skip


class Noting:
    """Measures each test by its name.

    Args:
        file: What it is noted in.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._folder = Path.cwd()
        self._asked: dict[str, set[str]] = defaultdict(set)
        self._names: dict[str, str] = {}
        has_greenlets = importlib.util.find_spec("greenlet") is not None
        self._coverage = coverage.Coverage(
            data_file=None,
            config_file=False,
            include=[f"{self._folder}/*"],
            omit=[*_NOT_THEIRS, f"{suite_dir()}/*"],
            concurrency=["thread", "greenlet"] if has_greenlets else ["thread"],
        )
        self._coverage.start()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        name = self._names[item.nodeid] = name_of(item, self._folder)
        self._coverage.switch_context(name)
        result = yield
        self._coverage.switch_context("")
        return result

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        asked = notes_of(report).get("cost", {}).get("asked", ())
        self._asked[self._names.get(report.nodeid, "")].update(asked)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        self._coverage.stop()
        data = self._coverage.get_data()
        lines: dict[str, dict[int, list[str]]] = {}
        for file in data.measured_files():
            path = Path(file).resolve()
            if path.is_relative_to(self._folder):
                found = data.contexts_by_lineno(file)
                lines[path.relative_to(self._folder).as_posix()] = {
                    line: [name for name in names if name] for line, names in found.items()
                }
        routes = self._routes()
        asked: dict[str, list[str]] = defaultdict(list)
        for name, paths in self._asked.items():
            for request in paths:
                method, _, address = request.partition(" ")
                route = route_for(routes, method, address)
                if name and route is not None:
                    asked[route.where].append(name)
        modules = [name for name in sys.modules if name.partition(".")[0] in LIBRARIES]
        self._file.write_text(
            json.dumps({"lines": lines, "asked": asked, "modules": modules}), encoding="utf-8"
        )

    def _routes(self) -> list[Route]:
        try:
            app = runtime().application()
        except HarnessError:
            return []
        return [] if app is None else routes_of(app)


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    # At once, for what is imported while options are read is of the application too.
    pluginmanager.register(Noting(Path(os.environ[REACHED])))
