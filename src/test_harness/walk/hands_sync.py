"""How the walk gets things done where the application is synchronous."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from test_harness.limits.clock import NotEnded, clock
from test_harness.walk.outcome import (
    PATIENCE,
    Outcome,
    cut_off,
    is_waited_for,
    kind_of_thread,
    lasts,
    limit_of,
)

Result = TypeVar("Result")


def called(function: Callable[..., Result], *arguments: Any) -> Result:
    """Call what speaks to databases."""
    return function(*arguments)


def in_session(make: Callable[[], Result]) -> Result:
    """Call what makes rows, with the session of the test."""
    return make()


def outcome_of(what: str, seconds: float, send: Callable[[], Any]) -> Outcome:
    """Send a request, and return what came of it before its time was over.

    Args:
        what: Which one it is.
        seconds: How long it may take; 0 is for as long as it likes.
        send: Sends it and returns the answer.
    """
    before = set(threading.enumerate())
    try:
        with clock.within(limit_of(what, seconds)):
            outcome = Outcome(send())
    except NotEnded as error:
        return cut_off(error)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - what the application raises is what came of it
        outcome = Outcome(error=error)
    _wait_for([thread for thread in threading.enumerate() if thread not in before])
    return outcome


def _wait_for(threads: list[threading.Thread]) -> None:
    end = time.monotonic() + PATIENCE
    for thread in threads:
        kind = kind_of_thread(thread)
        if is_waited_for(kind):
            thread.join(max(0, end - time.monotonic()))
            if thread.is_alive():
                lasts(kind)
