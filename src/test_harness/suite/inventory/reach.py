"""Which tests reach which route and which model: as they were seen to do when they ran last."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from test_harness.application.routes import Route, route_for
from test_harness.suite.inventory.planned import Planned
from test_harness.suite.results.kinds import kind_of
from test_harness.suite.results.run import Test

# Frameworks answer these by themselves.
BY_THEMSELVES = {"HEAD", "OPTIONS"}
Row = dict[str, Any]


def routes_by_kind(
    routes: Sequence[Route],
    tests: Mapping[str, Test],
    kinds: Mapping[str, str],
    planned: Sequence[Planned],
) -> list[Row]:
    """Return for each route how many tests of each kind have asked for it, and what is planned.

    Args:
        routes: Of the application.
        tests: What tests came to when they ran last, by their names.
        kinds: The kind of each test that there is now.
        planned: Cases that are to be built.
    """
    shown = [route for route in routes if route.method not in BY_THEMSELVES]
    found: dict[tuple[str, str], Counter[str]] = {(it.method, it.path): Counter() for it in shown}
    for name, kind in kinds.items():
        for route in {_asked(shown, it) for it in _costs(tests, name).get("asked", ())}:
            if route is not None:
                found[route.method, route.path][kind] += 1
    coming = Counter(_unnamed(it.route) for it in planned if it.route)
    rows: list[Row] = [
        {
            "route": (name := f"{it.method} {it.path}"),
            "where": it.where,
            "kinds": dict(found[it.method, it.path]),
            "planned": coming.pop(_unnamed(name), 0),
        }
        for it in shown
    ]
    # Those that are to come along with the cases.
    new = dict.fromkeys(it.route for it in planned if _unnamed(it.route) in coming)
    rows += [
        {"route": it, "where": "", "kinds": {}, "planned": coming.pop(_unnamed(it))}
        for it in new
        if _unnamed(it) in coming
    ]
    return rows


def models_by_kind(
    models: Sequence[tuple[str, str]],
    tests: Mapping[str, Test],
    kinds: Mapping[str, str],
    planned: Sequence[Planned],
) -> list[Row]:
    """Return for each model how many tests of each kind have read or written its table.

    Args:
        models: The name of each mapped class, and its table.
        tests: What tests came to when they ran last, by their names.
        kinds: The kind of each test that there is now.
        planned: Cases that are to be built.
    """
    found: dict[str, Counter[str]] = {table: Counter() for _, table in models}
    writes: Counter[str] = Counter()
    for name, kind in kinds.items():
        for table, deed in _costs(tests, name).get("tables", {}).items():
            if table in found:
                found[table][kind] += 1
                writes[table] += deed == "writes"
    coming = Counter(it.model for it in planned if it.model)
    rows: list[Row] = [
        {
            "model": model,
            "table": table,
            "kinds": dict(found[table]),
            "writes": writes[table],
            "planned": coming.pop(model, 0),
        }
        for model, table in models
    ]
    rows += [
        {"model": model, "table": "", "kinds": {}, "writes": 0, "planned": number}
        for model, number in coming.items()
    ]
    return rows


def kinds_of(items: Iterable[Any]) -> dict[str, str]:
    """Return the kind of each test that was collected, by its name."""
    return {item.nodeid: kind_of(it.name for it in item.iter_markers()) for item in items}


def _unnamed(route: str) -> str:
    """Return a route whatever its parameters are called."""
    return re.sub(r"\{[^}]*\}", "{}", route)


def _costs(tests: Mapping[str, Test], name: str) -> Mapping[str, Any]:
    test = tests.get(name)
    return (test["cost"] or {}) if test else {}


def _asked(routes: list[Route], asked: str) -> Route | None:
    method, _, path = asked.partition(" ")
    return None if path.startswith("//") else route_for(routes, method, path)
