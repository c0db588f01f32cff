"""What only routes in the loop can do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

router = APIRouter()
kept: list[Any] = []


async def pause(seconds: float) -> None:
    await asyncio.sleep(seconds)


async def commit_past(connection: Any) -> None:
    raw = await connection.get_raw_connection()
    await raw.driver_connection._protocol.query("COMMIT", 5)


@router.post("/task")
async def task() -> None:
    from kiosk.app import sessions
    from kiosk.models import labels

    async def write() -> None:
        await asyncio.sleep(0.05)
        async with sessions() as opened:
            await opened.execute(labels.insert().values(name="by a task"))
            await opened.commit()

    kept.append(asyncio.create_task(write()))


@router.post("/forever")
async def forever() -> None:
    kept.append(asyncio.create_task(asyncio.sleep(3600)))


@router.get("/block")
async def block() -> None:
    time.sleep(60)  # noqa: ASYNC251


@router.get("/stubborn")
async def stubborn() -> None:
    while True:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)


@router.get("/thread")
def thread() -> None:
    time.sleep(4)


@router.get("/stream")
async def stream() -> StreamingResponse:
    async def parts() -> AsyncIterator[bytes]:
        while True:
            yield b"data: more\n\n"
            await asyncio.sleep(0.1)

    return StreamingResponse(parts(), media_type="text/event-stream")


@router.get("/cancel")
async def cancel() -> None:
    for other in asyncio.all_tasks():
        other.cancel()
