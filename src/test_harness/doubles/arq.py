"""A double of arq's queue: what is enqueued is written down, and run by nobody."""

from __future__ import annotations

from typing import Any

import fakeredis
import pytest
from arq.connections import ArqRedis

from test_harness.doubles.recorded import Queue

QUEUE = Queue()
undone = QUEUE.undone


def _take_over() -> None:
    enqueue = ArqRedis.enqueue_job

    async def enqueue_job(self: Any, function: str, *args: Any, **kwargs: Any) -> Any:
        named = {key: value for key, value in kwargs.items() if not key.startswith("_")}
        QUEUE.add(function, args, named)
        return await enqueue(self, function, *args, **kwargs)

    ArqRedis.enqueue_job = enqueue_job


# At import, because the application may take the function from it by name.
_take_over()


@pytest.fixture(autouse=True)
def arq_double(redis_double: fakeredis.FakeRedis) -> Queue:
    """What this test has the application enqueue: `arq_double.named("send_mail")[0].args`."""
    QUEUE.sent.clear()
    return QUEUE
