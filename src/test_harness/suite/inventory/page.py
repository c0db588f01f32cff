"""The inventory as a page: every case, searched and filtered, and what of the code they reach."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from test_harness.suite.inventory.cases import (
    FAILING,
    NOT_RUN,
    PASSING,
    PLANNED,
    SKIPPED,
    STATES,
    XFAIL,
    Case,
    Inventory,
    by_suite,
    counts,
    kinds_in,
)
from test_harness.suite.inventory.markdown import NAMES_OF_TARGETS, totals_said
from test_harness.suite.pages.frame import badge, card, chips, page, section, table, tools
from test_harness.suite.pages.tags import tag

TONES = {
    FAILING: "bad",
    PLANNED: "accent",
    NOT_RUN: "soft",
    XFAIL: "warn",
    SKIPPED: "soft",
    PASSING: "good",
}


def inventory_page(inventory: Inventory) -> str:
    """Return the page."""
    kinds = kinds_in(inventory)
    parts = [
        _cards(inventory),
        *(tag("p", escape(it), class_="note") for it in _troubles(inventory)),
    ]
    if inventory["routes"]:
        said = (
            "Tests of each kind that ask for a route, as they ran last; red is asked for by none."
        )
        parts.append(section("Routes", said, _reach(inventory["routes"], "route", kinds)))
    if inventory["models"]:
        said = "Tests of each kind that read or write the table of a model, as they ran last."
        parts.append(section("Models", said, _reach(inventory["models"], "model", kinds)))
    parts.append(_cases(inventory, kinds))
    return page(f"Tests of {inventory['project']}", totals_said(inventory), parts)


def _troubles(inventory: Inventory) -> Iterator[str]:
    yield from inventory["problems"]
    for one in inventory["not_collected"]:
        yield f"{one['suite']} could not be collected: {one['reason']}"


def _cards(inventory: Inventory) -> str:
    found = counts(inventory["cases"], "state", STATES)
    shown = [
        card(str(len(inventory["cases"])), "cases"),
        card(str(found.get(PASSING, 0)), PASSING, "good"),
        card(str(found.get(FAILING, 0)), FAILING, "bad" if FAILING in found else ""),
        *(card(str(found[it]), it) for it in (SKIPPED, XFAIL, PLANNED, NOT_RUN) if it in found),
    ]
    targets = tag("div", *(_target(it) for it in inventory["targets"]), class_="cards targets")
    return tag("div", *shown, class_="cards") + targets


def _target(target: dict[str, Any]) -> str:
    reached, meant = target["reached"], target["meant"]
    label = f"{NAMES_OF_TARGETS[target['what']]}, {meant} % are meant"
    if reached is None:
        return card("?", f"{label}; {target['why']}")
    bar = tag("i", style=f"width: {reached}%"), tag("u", style=f"left: {meant}%")
    meter = tag("div", *bar, class_="meter" if target["met"] else "meter missed")
    return card(f"{reached:g} %", label, "good" if target["met"] else "warn", meter)


def _cases(inventory: Inventory, kinds: list[str]) -> str:
    cases = inventory["cases"]
    states = counts(cases, "state", STATES).items()
    of_kinds = counts(cases, "kind", kinds).items()
    gap = tag("span", class_="gap")
    return section(
        "Cases",
        "",
        tools(chips("state", states), gap, chips("kind", of_kinds)),
        *(_suite(name, found) for name, found in by_suite(inventory).items()),
    )


def _suite(name: str, cases: list[Case]) -> str:
    found = counts(cases, "state", STATES)
    badges = " ".join(badge(f"{number} {it}", TONES[it]) for it, number in found.items())
    head = tag("summary", _code(name), " ", badges)
    heads = [tag("th", it) for it in ("case", "kind", "state")]
    heads.append(tag("th", "ms", class_="number"))
    rows = table(heads, map(_row, cases))
    is_open = {FAILING, PLANNED}.intersection(found)
    return tag("details", head, rows, open="open" if is_open else None, data_group=name)


def _row(case: Case) -> str:
    line = f":{case['line']}" if case["line"] else ""
    place = tag("div", _code(f"{case['name']}{line}"), class_="where")
    why = tag("div", escape(case["reason"]), class_="where") if case["reason"] else ""
    taken = "" if case["seconds"] is None else f"{case['seconds'] * 1000:.0f}"
    text = " ".join((case["id"], case["what"], case["reason"])).lower()
    return tag(
        "tr",
        tag("td", escape(case["what"]), place),
        tag("td", badge(case["kind"], case["kind"])),
        tag("td", badge(case["state"], TONES[case["state"]]), why),
        tag("td", taken, class_="number"),
        data_text=text,
        data_state=case["state"],
        data_kind=case["kind"],
    )


def _reach(rows: list[dict[str, Any]], what: str, kinds: list[str]) -> str:
    heads = [tag("th", what)]
    heads += [tag("th", escape(it), class_="number") for it in (*kinds, PLANNED)]
    return table(heads, (_reached(row, what, kinds) for row in rows))


def _reached(row: dict[str, Any], what: str, kinds: list[str]) -> str:
    place = tag("div", escape(row.get("where") or row.get("table") or ""), class_="where")
    hole = "" if any(row["kinds"].values()) else "hole"
    cells = [tag("td", _code(row[what]), place, class_=hole)]
    for number in (*(row["kinds"].get(kind, 0) for kind in kinds), row["planned"]):
        style = "number" if number else f"number none {hole}".strip()
        cells.append(tag("td", str(number) if number else "·", class_=style))
    return tag("tr", *cells)


def _code(text: str) -> str:
    return tag("code", escape(text))
