"""A race between tasks of one event loop."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Sequence
from typing import Any

from test_harness.limits.standing import standing
from test_harness.watch.race_meeting import Meeting, Participant, RaceError
from test_harness.watch.race_outcomes import Outcome, Outcomes

CANCEL_SECONDS = 5.0


async def run_race(
    calls: Sequence[Callable[[int], Any]], meeting: Meeting, seconds: float
) -> Outcomes:
    """Have all calls begin at the same moment, and wait for their ends.

    Args:
        calls: One for each participant; called with its number, and awaited.
        meeting: Where participants meet.
        seconds: How long it may take.

    Raises:
        RaceError: It takes longer, or nothing can happen at the same time.
    """
    start = asyncio.Event()

    async def take_part(one: Participant) -> Outcome:
        with meeting.taking_part(one):
            await start.wait()
            try:
                value = calls[one.number](one.number)
                return Outcome(one.number, await value if inspect.isawaitable(value) else value)
            except Exception as error:  # noqa: BLE001 - it is what the race is about
                return Outcome(one.number, error=error)

    with meeting.watched():
        tasks = [
            asyncio.create_task(take_part(one), name=f"participant {one.number}")
            for one in meeting.participants
        ]
        try:
            await asyncio.sleep(0)
            start.set()
            _, pending = await asyncio.wait(tasks, timeout=seconds)
            found = standing().shown() if pending else ""
        finally:
            meeting.give_up()
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=CANCEL_SECONDS)
    if pending:
        raise not_ended(len(pending), seconds, found)
    if meeting.refusal is not None:
        raise meeting.refusal
    return Outcomes([task.result() for task in tasks], meeting)


def not_ended(count: int, seconds: float, found: str) -> RaceError:
    """Return the error for participants that wait for each other, or for something else.

    Args:
        count: How many.
        seconds: How long they had.
        found: Where the process stood.
    """
    return RaceError(
        f"{count} participants of the race did not end within {seconds:g} seconds.",
        "Look for what they wait for, such as a lock of the application that each takes in "
        f"another order.\n  Where it stood:\n{found}",
    )
