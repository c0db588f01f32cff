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
# What health checks and clients of others ask for, which the double would call unknown.
INFO = "\r\n".join(
    [
        *("# Server", "redis_version:7.4.0", "redis_mode:standalone", "uptime_in_seconds:60"),
        *("# Clients", "connected_clients:1", "blocked_clients:0"),
        *("# Memory", "used_memory:1048576", "used_memory_human:1.00M", "maxmemory:0"),
        *("# Persistence", "loading:0"),
        *("# Replication", "role:master", "connected_slaves:0", ""),
    ]
)


def _answerable(command: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return what the double is asked instead, whose answer is read as that to the command."""
    return ("ECHO", INFO) if str(command[0]).upper() == "INFO" else command


class _Connection(fakeredis.FakeRedisConnection):  # type: ignore[misc]
    def send_command(self, *command: Any, **options: Any) -> Any:
        return super().send_command(*_answerable(command), **options)


class _AsyncConnection(fakeredis.FakeAsyncRedisConnection):  # type: ignore[misc]
    async def send_command(self, *command: Any, **options: Any) -> Any:
        return await super().send_command(*_answerable(command), **options)


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
_take_over(redis.ConnectionPool, _Connection)
_take_over(redis.asyncio.ConnectionPool, _AsyncConnection)


@pytest.fixture(autouse=True)
def redis_double() -> Iterator[fakeredis.FakeRedis]:
    """A client of the double; what a test leaves in it is gone after the test."""
    client = fakeredis.FakeRedis(server=SERVER)
    yield client
    client.flushall()
