"""Serves an asynchronous application, in the event loop of the tests."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.util import greenlet_spawn

from test_harness.application.lifespan import served
from test_harness.application.sessions import let_go_of_connections
from test_harness.factories.base import in_async_session
from test_harness.runtime.process import runtime
from test_harness.scenarios.finding import find_scenario
from test_harness.serving.control import asgi
from test_harness.serving.plugin import Wanted, say_that_it_serves, server_of_asgi


@pytest.mark.timeout(0)
async def test_serve(started_app: Any, db: AsyncSession, wanted: Wanted) -> None:
    turn = asyncio.Lock()

    async def play(name: str) -> Any:
        async with turn:
            made = await in_async_session(find_scenario(name))
            await db.commit()
            return made

    async def reset() -> None:
        async with turn:
            await close()
            lent.enter_context(runtime().own_database())

    async def close() -> None:
        await greenlet_spawn(let_go_of_connections)
        await greenlet_spawn(runtime().seam.close_real_connections)
        lent.close()

    server = server_of_asgi(asgi(served(started_app), play, reset))
    with wanted.listening() as listening, ExitStack() as lent:
        lent.enter_context(runtime().own_database())
        if wanted.scenario:
            await play(wanted.scenario)
        say_that_it_serves(listening)
        await server.serve(sockets=[listening])
        await close()
