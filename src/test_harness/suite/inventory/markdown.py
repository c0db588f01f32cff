"""The inventory as a document in Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from test_harness.suite.inventory.cases import (
    STATES,
    Case,
    Inventory,
    by_suite,
    counts,
    kinds_in,
)
from test_harness.suite.results.summary import table

NAMES_OF_TARGETS = {
    "line": "lines covered",
    "branch": "branches covered",
    "critical": "lines of critical paths covered",
}


def document(inventory: Inventory) -> str:
    """Return the document."""
    return "\n".join(_lines(inventory)) + "\n"


def target_said(target: dict[str, Any]) -> str:
    """Return what came of a target, in words."""
    return f"{NAMES_OF_TARGETS[target['what']]}: {_reached(target)}, {target['meant']} % are meant"


def totals_said(inventory: Inventory) -> str:
    """Return how many cases there are in which state, in one line."""
    cases = inventory["cases"]
    said = ", ".join(f"{number} {it}" for it, number in counts(cases, "state", STATES).items())
    return f"{len(cases)} cases: {said}" if cases else "no cases"


def _lines(inventory: Inventory) -> Iterator[str]:
    cases, kinds = inventory["cases"], kinds_in(inventory)
    yield f"# Tests of {inventory['project']}"
    yield ""
    yield f"{totals_said(inventory)}."
    yield from (f"\n> {problem}" for problem in inventory["problems"])
    for one in inventory["not_collected"]:
        yield f"\n> `{one['suite']}` could not be collected: {one['reason']}"
    yield from table(
        ("kind", *STATES, "all"),
        (
            (kind, *(_count(found.get(it, 0)) for it in STATES), str(sum(found.values())))
            for kind in kinds
            for found in [counts((it for it in cases if it["kind"] == kind), "state", STATES)]
        ),
    )
    yield "\n## Targets"
    yield from table(
        ("target", "meant", "reached", ""),
        (
            (NAMES_OF_TARGETS[it["what"]], f"{it['meant']} %", _reached(it), _met(it))
            for it in inventory["targets"]
        ),
    )
    if inventory["routes"]:
        yield "\n## Routes\n\nTests of each kind that ask for a route, as they ran last."
        yield from _reach(inventory["routes"], "route", kinds)
    if inventory["models"]:
        yield "\n## Models\n\nTests of each kind that read or write the table of a model."
        yield from _reach(inventory["models"], "model", kinds)
    yield "\n## Cases"
    for suite, found in by_suite(inventory).items():
        yield f"\n### `{suite}`"
        yield from table(("case", "kind", "state", "why"), _rows(found))


def _reach(rows: list[dict[str, Any]], what: str, kinds: list[str]) -> Iterator[str]:
    return table(
        (what, *kinds, "planned"),
        (
            (
                f"`{row[what]}`",
                *(_count(row["kinds"].get(it, 0)) for it in kinds),
                _count(row["planned"]),
            )
            for row in rows
        ),
    )


def _rows(cases: list[Case]) -> Iterator[tuple[str, str, str, str]]:
    """Yield a row for each case; those that differ in parameters alone are counted in one."""
    groups: dict[tuple[str, str, str], list[Case]] = {}
    for case in cases:
        key = (case["name"].partition("[")[0], case["kind"], case["state"])
        groups.setdefault(key, []).append(case)
    for (name, kind, state), found in groups.items():
        times = f" ({len(found)} cases)" if len(found) > 1 else ""
        yield f"`{name}`{times}", kind, state, found[0]["reason"]


def _count(number: int) -> str:
    return str(number) if number else ""


def _reached(target: dict[str, Any]) -> str:
    reached = target["reached"]
    return f"not known ({target['why']})" if reached is None else f"{reached:g} %"


def _met(target: dict[str, Any]) -> str:
    return {None: "", True: "met", False: "missed"}[target["met"]]
