"""What a dictionary makes of itself when it is asked is no leak; what a test puts there is one."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from test_harness.watch.leaks.points import Points
from test_harness.watch.leaks.significance import is_leak_in


def leaks_of(live: Any, change: str) -> list[str]:
    """Return the names of what leaks, of one dictionary in which a statement changes something."""
    points = Points(lambda: [("shop.hooks", type("Hooks", (), {"LIVE": live}))], lambda _: True)
    points.collect()
    exec(change, {"live": live})  # noqa: S102 - a statement of this file
    test: Any = type("Test", (), {"has_imported": False})
    return [one.name for one in points.changes() if is_leak_in(one, test, [])]


@pytest.mark.parametrize("kind", [list, dict, set, int])
def test_asking_for_what_is_not_there_leaves_nothing_behind(kind: type) -> None:
    assert leaks_of(defaultdict(kind, there=kind()), "live['dump']; live['load']") == []


@pytest.mark.parametrize(
    "change",
    ["live['dump'].append(1)", "live['dump']; del live['there']", "live['x']; live['y'] = None"],
)
def test_what_a_test_puts_or_takes_is_a_leak(change: str) -> None:
    assert len(leaks_of(defaultdict(list, there=[]), change)) == 1


def test_a_plain_dictionary_gains_nothing_by_being_asked() -> None:
    assert len(leaks_of({"there": []}, "live['dump'] = []")) == 1
