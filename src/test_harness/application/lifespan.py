"""Start-up and shutdown of an ASGI application in the event loop of the tests.

One task runs the whole lifespan, as a server does, because what an application opens at start-up
may have to be closed by the task that opened it.
Source: https://asgi.readthedocs.io/en/latest/specs/lifespan.html
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Any

from test_harness.application.exchanges import noted_asgi
from test_harness.application.tracebacks import last_error
from test_harness.errors import ApplicationError
from test_harness.limits.clock import Limit, clock
from test_harness.lock import services

Message = dict[str, Any]

# What start-up leaves for requests: the state of the lifespan.
_left: dict[str, Any] = {}


def served(app: Any) -> Callable[..., Awaitable[None]]:
    """Return the application as a server calls it: each request has what start-up left for it."""

    noted = noted_asgi(app)

    async def call(scope: Message, receive: Any, send: Any) -> None:
        await noted({**scope, "state": {**_left}}, receive, send)

    return call


@asynccontextmanager
async def running(
    app: Any, during_startup: Callable[[], AbstractContextManager[None]]
) -> AsyncIterator[None]:
    """Run the application's start-up before the block and its shutdown after it.

    Args:
        app: An ASGI application; one that does not know lifespans is left alone.
        during_startup: Makes a context that is entered while the application starts.

    Raises:
        ApplicationError: Start-up or shutdown failed.
    """
    to_app: asyncio.Queue[Message] = asyncio.Queue()
    from_app: asyncio.Queue[Message] = asyncio.Queue()
    _left.clear()
    scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": _left}
    task = asyncio.create_task(app(scope, to_app.get, from_app.put))

    async def cause() -> BaseException | None:
        # Frameworks raise once more what they have sent as text.
        await asyncio.wait({task}, timeout=1)
        return task.exception() if task.done() and not task.cancelled() else None

    async def exchange(phase: str) -> None:
        await to_app.put({"type": f"lifespan.{phase}"})
        answer = asyncio.create_task(from_app.get())
        await asyncio.wait({answer, task}, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            message = answer.result()
            if message["type"] == f"lifespan.{phase}.failed":
                said = str(message.get("message", ""))
                offer = services.offered(services.double_of_traceback(said))
                raise ApplicationError(
                    f"The application's {phase} failed: {last_error(said)}.",
                    f"{offer}."
                    if offer
                    else "Give it what it needs in test.env, or a double for the service it wants.",
                ) from await cause()
            return
        answer.cancel()
        if phase == "startup" and task.exception() is not None:
            return  # The specification's way of saying: no lifespan here.

    with _limit("start-up"), during_startup():
        await exchange("startup")
    yield
    if not task.done():
        with _limit("shutdown"):
            await exchange("shutdown")
            await task
            # What a driver was asked for by one of them, it may have to tell the server of.
            if cancelled := [it for it in asyncio.all_tasks() if getattr(it, "cancelling", int)()]:
                await asyncio.wait(cancelled, timeout=1)


def _limit(phase: str) -> AbstractContextManager[None]:
    limit = Limit(
        f"The {phase} of the application",
        clock.seconds.start,
        "Give it what it waits for, a double or another address in test.env, or raise [limits] "
        "start in harness.toml.",
        ends_run=phase == "start-up",
    )
    return clock.within(limit)
