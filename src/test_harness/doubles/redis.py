"""A double of Redis, in the memory of the process: every client of the package `redis` has it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def undone() -> Iterator[None]:
    """Have the double keep after the block what it kept before."""
    before = _kept()
    try:
        yield
    finally:
        fakeredis.FakeRedis(server=SERVER).flushall()
        for number, keys in before.items():
            client = fakeredis.FakeRedis(server=SERVER, db=number)
            for key, (value, lasting) in keys.items():
                client.restore(key, max(lasting, 0), value)


def _kept() -> dict[int, dict[bytes, tuple[bytes, int]]]:
    """Return each database with its keys, their values and for how many milliseconds they last."""
    clients = {it: fakeredis.FakeRedis(server=SERVER, db=it) for it in [*SERVER.dbs]}
    return {
        number: {key: (client.dump(key), client.pttl(key)) for key in client.keys("*")}
        for number, client in clients.items()
    }


# At import, because the application may make its client while it is imported.
_take_over(redis.ConnectionPool, fakeredis.FakeRedisConnection)
_take_over(redis.asyncio.ConnectionPool, fakeredis.FakeAsyncRedisConnection)


@pytest.fixture(autouse=True)
def redis_double() -> Iterator[fakeredis.FakeRedis]:
    """A client of the double; what a test leaves in it is gone after the test."""
    client = fakeredis.FakeRedis(server=SERVER)
    yield client
    client.flushall()
