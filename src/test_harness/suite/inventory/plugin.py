"""Writes the inventory once the tests are collected, for `test-harness inventory`."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import pytest

from test_harness.application.routes import Route, routes_of
from test_harness.errors import HarnessError
from test_harness.factories.mapped import mapped_classes
from test_harness.limits.clock import NotEnded
from test_harness.lock.callers import is_of_a_library
from test_harness.project import project_dir, suite_dir
from test_harness.runtime.process import runtime
from test_harness.settings import settings
from test_harness.suite.inventory import covered
from test_harness.suite.inventory.cases import Inventory, case_of, in_words, planned_case
from test_harness.suite.inventory.planned import FILE, read_file, read_planned
from test_harness.suite.inventory.reach import kinds_of, models_by_kind, routes_by_kind
from test_harness.suite.inventory.unmarked import kinds_by_reading
from test_harness.suite.results import keeping, place
from test_harness.suite.results.kinds import OTHER

SCHEMA = 1


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--inventory", type=Path, help="write the inventory into a file, as JSON")


class Collected:
    """Gathers what there is."""

    def __init__(self) -> None:
        self.not_collected: list[dict[str, str]] = []

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            lines = report.longreprtext.strip().splitlines() or [""]
            self.not_collected.append({"suite": report.nodeid, "reason": lines[-1]})

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        path: Path = session.config.getoption("--inventory")
        path.write_text(json.dumps(self._inventory(session.items)), encoding="utf-8")

    def _inventory(self, items: list[pytest.Item]) -> Inventory:
        kinds = kinds_of(items)
        unmarked = [it for it in items if kinds[it.nodeid] == OTHER]
        kinds |= kinds_by_reading(unmarked, project_dir())
        last = {it["id"]: it for it in keeping.read_last(place.kept_in())}
        planned = read_planned(read_file(suite_dir() / FILE))
        built = [it for it in planned if it.test in _names(items)]
        coming = [it for it in planned if it not in built]
        problems, routes, models = _of_the_application()
        cases = [case_of(_collected(it, kinds[it.nodeid]), last.get(it.nodeid)) for it in items]
        return {
            "schema": SCHEMA,
            "project": project_dir().name,
            "cases": [*cases, *map(planned_case, coming)],
            "built": [it.test for it in built],
            "routes": routes_by_kind(routes, last, kinds, coming),
            "models": models_by_kind(models, last, kinds, coming),
            "targets": covered.targets_of(project_dir() / covered.FILE, settings().targets),
            "not_collected": self.not_collected,
            "problems": problems,
        }


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--inventory"):
        config.pluginmanager.register(Collected(), "test_harness_inventory")


def _names(items: list[pytest.Item]) -> set[str]:
    """Return how tests are called in `planned.txt`, whatever their parameters are."""
    return {
        f"{item.path.stem}::{name}"
        for item in items
        for name in (item.name, getattr(item, "originalname", item.name))
    }


def _collected(item: pytest.Item, kind: str) -> dict[str, Any]:
    suite, _, name = item.nodeid.partition("::")
    text = inspect.getdoc(getattr(item, "function", None)) or ""
    line = item.location[1]
    return {
        "id": item.nodeid,
        "suite": suite,
        "name": name,
        "kind": kind,
        "line": None if line is None else line + 1,
        "what": text.strip().partition("\n")[0] or in_words(name),
    }


def _of_the_application() -> tuple[list[str], list[Route], list[tuple[str, str]]]:
    """Return what there is to reach, and why it is not known where it is not."""
    try:
        app = runtime().application()
        routes = routes_of(app) if app is not None else []
        classes = () if settings().database.is_none else mapped_classes()
    except (HarnessError, NotEnded) as error:
        return [str(error)], [], []
    models = [(it.__name__, str(it.__table__.name)) for it in classes]
    return [], [it for it in routes if not _is_of_the_framework(it)], models


def _is_of_the_framework(route: Route) -> bool:
    code = getattr(inspect.unwrap(route.endpoint), "__code__", None) if route.endpoint else None
    return code is not None and is_of_a_library(code.co_filename)
