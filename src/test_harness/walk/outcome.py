"""What came of a request, whether it ended or not, and what it leaves running."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from test_harness.errors import first_line
from test_harness.limits.clock import Limit, NotEnded

# For how many seconds what a request began and left running is waited for, once for each kind.
PATIENCE = 0.5
# How much later than its end something is interrupted that does not let others run.
GRACE = 1.0

_lasting: set[Hashable] = set()


@dataclass(frozen=True)
class Outcome:
    """What came of a request.

    Args:
        response: The answer; None for none.
        error: What was raised instead.
        late: Where it stood when it was cut off, as half a sentence; None if it ended by itself.
    """

    response: Any = None
    error: BaseException | None = None
    late: str | None = None


def limit_of(what: str, seconds: float) -> Limit:
    """Return the limit of a request.

    Args:
        what: Which one it is.
        seconds: How long it may take; 0 is for as long as it likes.
    """
    return Limit(what, seconds, "Raise [limits] request in harness.toml, if it is to take so long.")


def cut_off(error: NotEnded) -> Outcome:
    """Return the outcome of a request that the clock has interrupted."""
    return Outcome(late=first_line(error).partition(" seconds: ")[2].rstrip("."))


def is_waited_for(kind: Hashable) -> bool:
    """Tell whether something that was left running may end soon, as all of its kind did so far."""
    return kind not in _lasting


def lasts(kind: Hashable) -> None:
    """Remember that something does not end with the request that began it."""
    _lasting.add(kind)


def kind_of_thread(thread: threading.Thread) -> Hashable:
    """Return what tells threads of one purpose from others."""
    target = getattr(thread, "_target", None)
    return getattr(target, "__code__", None) or type(thread).__qualname__
