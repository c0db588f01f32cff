"""The page of what tests cost: the runs so far, what takes the time, and what to do about it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Any

from test_harness.settings.budgets import BudgetSettings
from test_harness.suite.pages.frame import (
    badge,
    card,
    chips,
    legend,
    page,
    section,
    table,
    tools,
)
from test_harness.suite.pages.svg import Bar, Dot, Part, bars, columns, scatter, sparkline
from test_harness.suite.pages.tags import tag
from test_harness.suite.results.kinds import EVERY_KIND
from test_harness.suite.results.run import Run, Test, counted, slowest
from test_harness.suite.results.targets import missed

MOST_SLOW = 15
MOST_FILES = 12
# More rows than this nobody reads; the JSON has them all.
MOST_ROWS = 2000
TONES = {"passed": "good", "xpassed": "warn", "failed": "bad", "error": "bad"}
STEPS_OF_TEN = 3


def performance_page(
    run: Run, history: Sequence[dict[str, Any]], budgets: BudgetSettings, project: str
) -> str:
    """Return the page of a run.

    Args:
        run: Its results.
        history: Figures of runs, this one last.
        budgets: What tests may cost.
        project: What the page is of.
    """
    tests = run["tests"]
    parts = [
        _cards(run),
        *_over(tests),
        tag("div", *_plots(run, history, budgets), class_="pair"),
        _table(tests, history),
    ]
    when = run["began"].replace("T", " ").replace("+00:00", " UTC")
    return page(f"{project}: what the tests cost", f"{counted(run)} · {when}", parts)


def _plots(run: Run, history: Sequence[dict[str, Any]], budgets: BudgetSettings) -> list[str]:
    tests = run["tests"]
    kinds = _kinds_in(tests)
    files = (
        Bar(it["suite"], [Part(it["seconds"], "accent", _of_file(it))], f"{it['seconds']:.2f} s")
        for it in sorted(run["suites"], key=lambda one: -one["seconds"])[:MOST_FILES]
    )
    of_slow = ("its own set-up", "its own body", "what it shares, and its end")
    return [
        section("Runs", "Seconds of the last runs; pale ones ran fewer tests.", _runs(history)),
        section("How long tests take", "Tests by their seconds.", _spread(tests), legend(kinds)),
        section(
            "The slowest tests", f"Blue is {of_slow[0]}, orange {of_slow[1]}, grey {of_slow[2]}.",
            bars([_slow(it) for it in slowest(tests, MOST_SLOW)], budgets.seconds or None),
        ),
        section("Where the time goes", "Seconds of each file of tests.", bars([*files])),
        section(
            "Statements and seconds",
            "Each test by what it sends to the database; larger ones take more memory.",
            scatter(_dots(tests), "statements", "seconds", (budgets.statements, budgets.seconds)),
            legend(kinds),
        ),
        section("Kinds of tests", "Seconds of each kind.", bars([*_kinds(tests, kinds)])),
    ]  # fmt: skip


def _kinds_in(tests: Sequence[Test]) -> list[str]:
    return [kind for kind in EVERY_KIND if any(it["kind"] == kind for it in tests)]


def _cards(run: Run) -> str:
    tests, rate = run["tests"], run["totals"]["success_rate"]
    over = sum(bool(it["over"]) for it in tests)
    costs = [it["cost"] for it in tests if it["cost"]]
    slow = bool(missed(run["targets"]))
    shown = [
        card(str(run["totals"]["tests"]), "tests"),
        card(_duration(run["seconds"]), "the whole run", "warn" if slow else ""),
        card("none" if rate is None else f"{rate:.1%}", "passed", "bad" if rate != 1 else "good"),
        card(str(over), "cost more than they may", "warn" if over else "good"),
        card(f"{sum(it['statements'] for it in costs):,}", "statements of SQL"),
        card(f"{sum(it['requests'] for it in costs):,}", "requests"),
        card(f"{max((it['megabytes'] or 0 for it in costs), default=0):.0f} MB", "highest peak"),
    ]
    said = (tag("p", escape(f"{it}."), class_="note") for it in missed(run["targets"]))
    return tag("div", *shown, class_="cards") + "".join(said)


def _over(tests: Sequence[Test]) -> Iterator[str]:
    found = [(test, excess) for test in tests for excess in test["over"]]
    if not found:
        return
    found.sort(key=lambda one: -one[1]["taken"] / (one[1]["allowed"] or 1))
    items = []
    for test, excess in found:
        problem, _, fix = excess["said"].partition("\n  Fix: ")
        what = badge(excess["what"], "bad" if excess["fails"] else "warn")
        deed = tag("div", escape(fix[:1].upper() + fix[1:]), class_="where")
        test_said = _code(test["id"])
        items.append(tag("li", f"{what} {test_said}", tag("br"), escape(f"{problem}."), deed))
    yield section("Costs more than it may", "", tag("ul", *items, class_="advice"))


def _runs(history: Sequence[dict[str, Any]]) -> str:
    most = max((it["totals"]["tests"] for it in history), default=0)
    rows = []
    for run in history:
        found = run["totals"]
        bad = found["failed"] + found["error"]
        when = run["began"][:16].replace("T", " ")
        said = f"{when}: {run['seconds']:.1f} s, {found['tests']} tests, {bad} failed"
        part = Part(run["seconds"], "bad" if bad else "good", said)
        rows.append(Bar(when[5:], [part], faint=found["tests"] < most * 0.9))
    return columns(rows, unit=" s")


def _spread(tests: Sequence[Test]) -> str:
    """Return how many tests take how long, in steps of a third of a power of ten."""
    found: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for test in tests:
        step = math.floor(math.log10(max(_seconds(test), 0.0001)) * STEPS_OF_TEN)
        found[step][test["kind"]] += 1
    steps = range(min(found, default=0), max(found, default=0) + 1)
    rows = []
    for step in steps:
        low, high = (_duration(10 ** (it / STEPS_OF_TEN)) for it in (step, step + 1))
        rows.append(
            Bar(
                low,
                [
                    Part(number, kind, f"{low} to {high}: {number} {kind}")
                    for kind, number in sorted(found[step].items())
                ],
            )
        )
    return columns(rows)


def _slow(test: Test) -> Bar:
    cost = test["cost"] or {"seconds": 0.0, "set_up": 0.0}
    own, set_up = cost["seconds"], cost["set_up"]
    rest = max(_seconds(test) - own, 0)
    figures = f"{set_up:.3g} s set-up, {own - set_up:.3g} s body, {rest:.3g} s shared"
    said = f"{test['id']}: {figures}"
    parts = [Part(set_up, "unit", said), Part(own - set_up, "api", said), Part(rest, "other", said)]
    return Bar(test["name"], parts, _duration(_seconds(test)))


def _kinds(tests: Sequence[Test], kinds: Sequence[str]) -> Iterator[Bar]:
    for kind in kinds:
        taken = [_seconds(it) for it in tests if it["kind"] == kind]
        said = f"{kind}: {len(taken)} tests, {sum(taken):.2f} s"
        yield Bar(f"{kind} ({len(taken)})", [Part(sum(taken), kind, said)], _duration(sum(taken)))


def _dots(tests: Sequence[Test]) -> Iterator[Dot]:
    highest = max((it["cost"]["megabytes"] or 0 for it in tests if it["cost"]), default=0) or 1
    for test in tests:
        if not (cost := test["cost"]):
            continue
        memory = cost["megabytes"] or 0
        figures = f"{cost['statements']} statements, {cost['seconds']:.3g} s, {memory:.0f} MB"
        share = math.sqrt(memory / highest)
        said = f"{test['id']}: {figures}"
        yield Dot(cost["statements"], cost["seconds"], share, test["kind"], said)


HEADS = (
    ("test", "text"),
    ("kind", "text"),
    ("outcome", "text"),
    ("seconds", "number"),
    ("MB", "number"),
    ("statements", "number"),
    ("requests", "number"),
    ("runs so far", ""),
)


def _table(tests: Sequence[Test], history: Sequence[dict[str, Any]]) -> str:
    before: dict[str, list[float]] = defaultdict(list)
    for run in history:
        for name, figures in run["tests"].items():
            if figures[1] is not None:
                before[name].append(figures[1])
    heads = (
        tag("th", name, data_sort=sorts, class_="number" if sorts == "number" else "")
        for name, sorts in HEADS
    )
    shown = slowest(tests, MOST_ROWS)
    numbers = [(kind, sum(it["kind"] == kind for it in shown)) for kind in _kinds_in(shown)]
    left_out = len(tests) - len(shown)
    return section(
        "Every test",
        f"The {len(shown)} slowest; {left_out} more are left out." if left_out else "",
        tools(chips("kind", numbers)),
        table(heads, (_row(it, before[it["id"]]) for it in shown)),
    )


def _row(test: Test, before: Sequence[float]) -> str:
    cost = test["cost"] or {}
    over = {it["what"] for it in test["over"]}
    figures: Iterable[tuple[str, Any, str]] = (
        ("seconds", _seconds(test), ".3f"),
        ("megabytes", cost.get("megabytes"), ".1f"),
        ("statements", cost.get("statements"), "d"),
        ("requests", cost.get("requests"), "d"),
    )
    return tag(
        "tr",
        tag("td", _code(test["name"]), tag("div", escape(test["suite"]), class_="where")),
        tag("td", badge(test["kind"], test["kind"])),
        tag("td", badge(test["outcome"], TONES.get(test["outcome"], "soft"))),
        *(_figure(value, form, name in over) for name, value, form in figures),
        tag("td", sparkline(before)),
        data_text=test["id"].lower(),
        data_kind=test["kind"],
    )


def _figure(value: Any, form: str, is_over: bool) -> str:
    if value is None:
        return tag("td", "?", class_="number none", data_value="-1")
    shown = format(value, form)
    return tag("td", badge(shown, "warn") if is_over else shown, class_="number", data_value=shown)


def _code(text: str) -> str:
    return tag("code", escape(text))


def _seconds(test: Test) -> float:
    return float(sum(test["seconds"].values()))


def _of_file(suite: dict[str, Any]) -> str:
    return f"{suite['suite']}: {suite['tests']} tests, {suite['seconds']:.2f} s"


def _duration(seconds: float) -> str:
    """Return a duration as people say it."""
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms"
    return f"{seconds:.3g} s" if seconds < 100 else f"{seconds / 60:.1f} min"
