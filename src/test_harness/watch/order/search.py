"""Finds the few of many that something needs, in a number of trials that grows with the logarithm.

Source of the technique: binary search for a boundary, as `git bisect` does it, repeated where one
alone is not enough; compare "minimal prefix" in A. Zeller and R. Hildebrandt, Simplifying and
Isolating Failure-Inducing Input, 2002.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

# Of how many there may be need together.
MOST_TOGETHER = 4


def needed(candidates: Sequence[str], holds: Callable[[Sequence[str]], bool]) -> list[str]:
    """Return the candidates that it takes, in their order; empty where it takes too many.

    Args:
        candidates: What there is to choose from: with all of them it holds, with none it does not.
        holds: Tells whether it does with some of them, in their order.
    """
    if len(candidates) == 1:
        return [*candidates]
    found: list[str] = []
    left = list(candidates)
    while len(found) < MOST_TOGETHER and left:
        # With all that stand before `high` it holds, with those before `low` it does not.
        low, high = 0, len(left)
        while high - low > 1:
            middle = (low + high) // 2
            if holds([*left[:middle], *found]):
                high = middle
            else:
                low = middle
        found.insert(0, left[high - 1])
        left = left[: high - 1]
        if holds(found):
            return found
    return []
