"""A race between threads."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from contextvars import copy_context
from typing import Any

from test_harness.limits.standing import standing
from test_harness.watch.race_async import not_ended
from test_harness.watch.race_meeting import Meeting, Participant
from test_harness.watch.race_outcomes import Outcome, Outcomes


def run_race(
    calls: Sequence[Callable[[int], Any]],
    meeting: Meeting,
    seconds: float,
    loop: asyncio.AbstractEventLoop | None = None,
) -> Outcomes:
    """Have all calls begin at the same moment, each in a thread, and wait for their ends.

    Args:
        calls: One for each participant; called with its number.
        meeting: Where participants meet.
        seconds: How long it may take.
        loop: The event loop that the application answers in, if there is one; it runs meanwhile.

    Raises:
        RaceError: It takes longer, or nothing can happen at the same time.
    """
    start = threading.Barrier(len(calls))
    outcomes: dict[int, Outcome] = {}

    def take_part(one: Participant) -> None:
        with meeting.taking_part(one):
            try:
                start.wait(seconds)
                outcomes[one.number] = Outcome(one.number, calls[one.number](one.number))
            except Exception as error:  # noqa: BLE001 - it is what the race is about
                outcomes[one.number] = Outcome(one.number, error=error)

    threads = [
        threading.Thread(
            # What is known in the context of the test is known to its participants.
            target=copy_context().run,
            args=(take_part, one),
            name=f"participant {one.number}",
            daemon=True,
        )
        for one in meeting.participants
    ]
    with meeting.watched():
        if loop is None:
            _run(threads, seconds)
        else:
            loop.run_until_complete(_run_beside(loop, threads, seconds))
        pending = [thread for thread in threads if thread.is_alive()]
        if pending:
            raise not_ended(len(pending), seconds, standing().shown())
    if meeting.refusal is not None:
        raise meeting.refusal
    return Outcomes([outcomes[one.number] for one in meeting.participants], meeting)


async def _run_beside(
    loop: asyncio.AbstractEventLoop, threads: Sequence[threading.Thread], seconds: float
) -> None:
    """Begin when the loop runs already, which whoever asks the application relies on."""
    await loop.run_in_executor(None, _run, threads, seconds)


def _run(threads: Sequence[threading.Thread], seconds: float) -> None:
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(deadline - time.monotonic(), 0))
