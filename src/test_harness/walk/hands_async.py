"""How the walk gets things done where the application is asynchronous, in the loop of the tests."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

from sqlalchemy.util import greenlet_spawn

from test_harness.application import exchanges
from test_harness.factories.base import in_async_session
from test_harness.limits.clock import NotEnded, clock
from test_harness.limits.standing import standing
from test_harness.walk.outcome import (
    GRACE,
    PATIENCE,
    Outcome,
    cut_off,
    is_waited_for,
    kind_of_thread,
    lasts,
    limit_of,
)

Result = TypeVar("Result")

# A body that goes on for longer is a stream.
STREAM = 1.0
POLL = 0.005


async def called(function: Callable[..., Result], *arguments: Any) -> Result:
    """Call what speaks to databases."""
    return await greenlet_spawn(function, *arguments)


async def in_session(make: Callable[[], Result]) -> Result:
    """Call what makes rows, with the session of the test."""
    return await in_async_session(make)


async def outcome_of(what: str, seconds: float, send: Callable[[], Awaitable[Any]]) -> Outcome:
    """Send a request, and return what came of it before its time was over.

    Args:
        what: Which one it is.
        seconds: How long it may take; 0 is for as long as it likes.
        send: Sends it and returns the answer.
    """
    before, threads = asyncio.all_tasks(), set(threading.enumerate())
    task = asyncio.create_task(_caught(send))
    # Who does not let others run is interrupted by the clock, who waits is cancelled before.
    with clock.within(limit_of(what, seconds + 2 * GRACE if seconds else 0)):
        outcome = await _within(task, seconds)
    if outcome.late is None:
        await _wait_for(
            asyncio.all_tasks() - before - {task},
            [thread for thread in threading.enumerate() if thread not in threads],
        )
    return outcome


async def _caught(send: Callable[[], Awaitable[Any]]) -> Outcome:
    try:
        return Outcome(await send())
    except NotEnded as error:
        return cut_off(error)
    except (KeyboardInterrupt, GeneratorExit, asyncio.CancelledError):
        raise
    except BaseException as error:  # noqa: BLE001 - what the application raises is what came of it
        return Outcome(error=error)


async def _within(task: asyncio.Task[Outcome], seconds: float) -> Outcome:
    try:
        await asyncio.wait({task}, timeout=min(STREAM, seconds or STREAM))
        if not task.done() and not _streams():
            await asyncio.wait({task}, timeout=max(seconds - STREAM, 0) if seconds else None)
    except asyncio.CancelledError:
        # Who cancels everything there is has cancelled the request as well.
        await asyncio.wait({task}, timeout=GRACE)
        if not task.done():
            task.cancel()
            raise
        current: Any = asyncio.current_task()
        if hasattr(current, "uncancel"):
            current.uncancel()
    if not task.done():
        late = standing().sentence()
        await _end(task)
        return Outcome(late=late)
    if task.cancelled():
        return Outcome(error=asyncio.CancelledError("the application cancelled the request"))
    return task.result()


async def _end(task: asyncio.Task[Outcome]) -> None:
    """End a request that has had its time, whatever it makes of being cancelled."""
    task.cancel()
    await asyncio.wait({task}, timeout=GRACE)
    coroutine: Any = task.get_coro()
    if not task.done() and not coroutine.cr_running:
        # It goes on after each cancellation, and nobody could end the loop.
        with suppress(RuntimeError):
            coroutine.close()
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        task.cancel()


def _streams() -> bool:
    latest = exchanges.latest()
    return latest is not None and bool(latest.answer) and not latest.ended


async def _wait_for(tasks: set[asyncio.Task[Any]], threads: list[threading.Thread]) -> None:
    """Wait for what a request began and left running, as long as it may end soon."""
    end = time.monotonic() + PATIENCE
    soon = {task for task in tasks if is_waited_for(_kind_of_task(task))}
    if soon:
        _, lasting = await asyncio.wait(soon, timeout=PATIENCE)
        for task in lasting:
            lasts(_kind_of_task(task))
    for thread in threads:
        kind = kind_of_thread(thread)
        while is_waited_for(kind) and thread.is_alive():
            if time.monotonic() > end:
                lasts(kind)
            await asyncio.sleep(POLL)


def _kind_of_task(task: asyncio.Task[Any]) -> Any:
    coroutine = task.get_coro()
    return getattr(coroutine, "cr_code", type(coroutine))
