"""A double of Redis, in the memory of the process: every client of the package `redis` has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import fakeredis
import pytest
import redis
import redis.asyncio

SERVER = fakeredis.FakeServer()


def _take_over(pool: Any, connection: Any) -> None:
    original = pool.__init__

    def __init__(self: Any, connection_class: Any = None, **options: Any) -> None:  # noqa: N807
        kept = {
            key: options[key] for key in ("db", "decode_responses", "encoding") if key in options
        }
        original(self, connection_class=connection, server=SERVER, **kept)

    pool.__init__ = __init__


# At import, because the application may make its client while it is imported.
_take_over(redis.ConnectionPool, fakeredis.FakeRedisConnection)
_take_over(redis.asyncio.ConnectionPool, fakeredis.FakeAsyncRedisConnection)


@pytest.fixture(autouse=True)
def redis_double() -> Iterator[fakeredis.FakeRedis]:
    """A client of the double; what a test leaves in it is gone after the test."""
    client = fakeredis.FakeRedis(server=SERVER)
    yield client
    client.flushall()
