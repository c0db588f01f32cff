"""Serves an application whose code is synchronous behind ASGI; requests run in threads."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy.orm import Session

from test_harness.application.lifespan import served
from test_harness.serving.control import asgi
from test_harness.serving.plugin import Wanted, say_that_it_serves, server_of_asgi
from test_harness.serving.stage import Stage


@pytest.mark.timeout(0)
def test_serve(
    started_app: Any, loop_of_app: asyncio.AbstractEventLoop, db: Session, wanted: Wanted
) -> None:
    stage = Stage(db)

    async def play(name: str) -> Any:
        return await asyncio.to_thread(stage.play, name)

    async def reset() -> None:
        await asyncio.to_thread(stage.reset)

    server = server_of_asgi(asgi(served(started_app), play, reset))
    with wanted.listening() as listening, stage:
        if wanted.scenario:
            stage.play(wanted.scenario)
        say_that_it_serves(listening)
        loop_of_app.run_until_complete(server.serve(sockets=[listening]))
