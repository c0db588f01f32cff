"""Tests that end otherwise in CI than here, and which condition makes it so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from test_harness.suite.ci.conditions import Condition

# How each test ended: the outcome, and the first line of what was said.
Ended = Mapping[str, tuple[str, str]]
BAD = ("failed", "error")
# Runs tests, all without any named, under some conditions.
Runs = Callable[[tuple[Condition, ...], tuple[str, ...]], Ended]


@dataclass(frozen=True)
class OnlyHere:
    """A test that passes here and not in CI.

    Args:
        test: Its id.
        said: The first line of what it says there.
        conditions: Each that is enough to make it fail; none where only several are.
    """

    test: str
    said: str
    conditions: tuple[Condition, ...]


def only_here(
    here: Ended, conditions: tuple[Condition, ...], runs: Runs
) -> tuple[Ended, list[OnlyHere]]:
    """Return how the tests end in CI, and those that pass only here, with what makes it so.

    All conditions are brought about in one run. Only where a test minds is each tried alone: with
    the tests that mind, or with all where it takes others to show.

    Args:
        here: How the tests ended here.
        conditions: What differs in CI.
        runs: Runs tests.
    """
    there = runs(conditions, ())
    worse = [*worse_than(here, there)]
    if not worse:
        return there, []
    found: dict[str, list[Condition]] = {test: [] for test in worse}
    # Files that are not collected are looked at with all the others.
    chosen = tuple(test for test in worse if "::" in test)
    # What needs others before it fails alone, whatever else differs: that is seen with all.
    alone = runs((), chosen) if chosen else {}
    steady = tuple(test for test in chosen if _is_as_here(here, alone, test))
    for condition in conditions:
        asked = () if condition.of_all or len(chosen) < len(worse) else steady
        if not asked and not condition.of_all and len(chosen) == len(worse):
            continue
        ended = runs((condition,), asked)
        for test in asked or worse:
            is_explained = condition.within in [one.name for one in found[test]]
            if not _is_as_here(here, ended, test) and not is_explained:
                found[test].append(condition)
    return there, [
        OnlyHere(test, there.get(test, ("", "it is not collected"))[1], tuple(found[test]))
        for test in worse
    ]


def worse_than(here: Ended, there: Ended) -> Iterable[str]:
    """Yield tests that fail there or are not there, and do not fail here."""
    for test, (outcome, _) in here.items():
        if outcome not in BAD and not _is_as_here(here, there, test):
            yield test
    for test, (outcome, _) in there.items():
        if outcome in BAD and test not in here:
            yield test


def _is_as_here(here: Ended, there: Ended, test: str) -> bool:
    """Tell whether a test ended there as it does here; what is not known here must not fail."""
    outcome = there.get(test, ("gone", ""))[0]
    return outcome == here[test][0] if test in here else outcome not in BAD
