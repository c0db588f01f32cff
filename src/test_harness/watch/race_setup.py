"""What a race asks for before it begins, whoever takes part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from test_harness.limits.clock import clock
from test_harness.runtime.process import runtime
from test_harness.watch.race_meeting import RaceError

SECONDS = 30.0
PART_OF_TEST = 0.75


def refuse_isolated() -> None:
    """See to it that each participant gets a connection of its own.

    Raises:
        RaceError: All share the one that is rolled back.
    """
    if runtime().seam.isolates:
        raise RaceError(
            "A race was asked for in a test whose connections are one, where nothing happens at "
            "the same time.",
            "Ask for the fixture `race` by its name in the test, or mark the test with "
            "@pytest.mark.real_commits.",
        )


def calls_of(n: int, *calls: Callable[[int], Any]) -> Sequence[Callable[[int], Any]]:
    """Return what each participant does.

    Args:
        n: How many there are.
        calls: What they do, in turn.

    Raises:
        RaceError: There are fewer of them than things to do, or only one.
    """
    if n < max(2, len(calls)):
        raise RaceError(
            f"A race of {n} was asked for, with {len(calls)} to do.",
            "Let at least two take part, and one for each that is to be done.",
        )
    return [calls[number % len(calls)] for number in range(n)]


def seconds_of(asked: float | None) -> float:
    """Return how many seconds a race may take: less than its test, which could not tell as much."""
    allowed = clock.seconds.test or SECONDS / PART_OF_TEST
    return asked or min(SECONDS, allowed * PART_OF_TEST)
