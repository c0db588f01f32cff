"""What is in a point where no copy can be made of it: a cache, a counter, a long container."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from test_harness.watch.leaks.kind import UNSET, is_same


class Cached:
    """What a function without arguments keeps in its `lru_cache`: settings, as a rule."""

    def __init__(self, function: Any) -> None:
        self._function = function

    def value(self) -> Any:
        """Return what is kept, UNSET where it was not called."""
        return self._function() if self._function.cache_info().currsize else UNSET

    def is_as_made_now(self, value: Any) -> bool:
        """Tell whether what is kept is what would be made now, or no two are alike anyway."""
        one, other = (
            fields_of(self._function.__wrapped__()),
            fields_of(self._function.__wrapped__()),
        )
        return not is_same(one, other) or is_same(fields_of(value), one)

    def empty(self) -> None:
        """Have it made anew when it is asked for next."""
        self._function.cache_clear()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Kept) and self.value() is other.value

    __hash__ = None  # type: ignore[assignment]


def fields_of(value: Any) -> Any:
    """Return what is in an object, itself where there is nothing to see."""
    held = getattr(value, "__dict__", None)
    return held if isinstance(held, dict) else value


class Counted:
    """A counter of `itertools`, which shows where it is and does not give it away."""

    def __init__(self, counter: Any) -> None:
        self._counter = counter

    def value(self) -> str:
        """Return where it is."""
        return repr(self._counter)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Kept) and self.value() == other.value

    __hash__ = None  # type: ignore[assignment]


class Sized:
    """A container of so many things that only their number is looked at."""

    def __init__(self, container: Any) -> None:
        self._container = container

    def value(self) -> str:
        """Return how many there are."""
        return f"{len(self._container)} entries"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Kept) and self.value() == other.value

    __hash__ = None  # type: ignore[assignment]


@dataclass(eq=False)
class Kept:
    """What one of the two was."""

    value: Any
