"""A double of RabbitMQ, for clients of pika and aio-pika: what is published is written down.

It knows exchanges, bindings and queues, so that what was published can be got from a queue. Who
consumes is a worker of its own: a consumer is taken note of, and called by nobody.
"""

from __future__ import annotations

import asyncio
import fnmatch
import importlib
from collections import deque
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from test_harness.doubles.recorded import Queue as Recorded

QUEUE = Recorded()
undone = QUEUE.undone


@dataclass
class Message:
    """What a queue has, as aio-pika gives it out."""

    body: bytes
    routing_key: str
    exchange: str
    properties: Any
    delivery_tag: int = 1
    headers: dict[str, Any] = field(default_factory=dict)

    async def ack(self, *_: Any, **__: Any) -> None:
        """Nothing is sent twice."""

    nack = reject = ack

    @asynccontextmanager
    async def process(self, *_: Any, **__: Any) -> AsyncIterator[Message]:
        """Return the message within the block."""
        yield self


class Broker:
    """The exchanges and queues that there are, by name."""

    def __init__(self) -> None:
        self.kinds: dict[str, str] = {}
        self.bindings: list[tuple[str, str, str]] = []
        self.queues: dict[str, deque[Message]] = {}

    def queue(self, name: str | None) -> str:
        """Return the name of a queue, which is made if it is not there."""
        name = name or f"amq.gen-{len(self.queues)}"
        self.queues.setdefault(name, deque())
        return name

    def bind(self, queue: str, exchange: str, key: str | None) -> None:
        """Have a queue take what an exchange is given."""
        self.bindings.append((exchange, key if key is not None else queue, queue))

    def publish(self, exchange: str, key: str, body: bytes, properties: Any) -> None:
        """Write a message down, and put it into the queues that it is for."""
        headers = dict(getattr(properties, "headers", None) or {})
        QUEUE.add(key or exchange, (body,), {"exchange": exchange, "headers": headers})
        message = Message(body, key, exchange, properties, headers=headers)
        for name in self._queues_for(exchange, key):
            self.queues[self.queue(name)].append(message)

    def _queues_for(self, exchange: str, key: str) -> Iterator[str]:
        if not exchange:
            yield from (name for name in self.queues if name == key)
        kind = self.kinds.get(exchange, "direct")
        for source, pattern, queue in self.bindings:
            # A `#` of a topic stands for any words, which may be none.
            shape = pattern.replace(".#", "*").replace("#.", "*").replace("#", "*")
            fits = kind in {"fanout", "headers"} or pattern == key
            if source == exchange and (fits or (kind == "topic" and fnmatch.fnmatch(key, shape))):
                yield queue


BROKER = Broker()


@dataclass
class Done:
    """What a method of pika returns: what the broker would say."""

    queue: str = ""
    message_count: int = 0
    consumer_count: int = 0
    delivery_tag: int = 1
    routing_key: str = ""
    exchange: str = ""

    @property
    def method(self) -> Done:
        """The same, as pika wraps it in a frame."""
        return self


class Channel:
    """A channel of pika."""

    is_open, is_closed = True, False

    def queue_declare(self, queue: str, *_: Any, **__: Any) -> Done:
        name = BROKER.queue(queue)
        return Done(name, len(BROKER.queues[name]))

    def exchange_declare(self, exchange: str, exchange_type: Any = "direct", **_: Any) -> None:
        BROKER.kinds[exchange] = str(getattr(exchange_type, "value", exchange_type))

    def queue_bind(
        self, queue: str, exchange: str, routing_key: str | None = None, **_: Any
    ) -> Done:
        BROKER.bind(queue, exchange, routing_key)
        return Done(queue)

    def queue_purge(self, queue: str) -> Done:
        BROKER.queues[BROKER.queue(queue)].clear()
        return Done(queue)

    def basic_publish(
        self, exchange: str, routing_key: str, body: Any, properties: Any = None, **_: Any
    ) -> None:
        body = body.encode() if isinstance(body, str) else body
        BROKER.publish(exchange, routing_key, body, properties)

    def basic_get(self, queue: str, **_: Any) -> tuple[Any, Any, Any]:
        waiting = BROKER.queues[BROKER.queue(queue)]
        if not waiting:
            return None, None, None
        one = waiting.popleft()
        method = Done(message_count=len(waiting), routing_key=one.routing_key)
        return method, one.properties, one.body

    def basic_consume(self, queue: str, *_: Any, **__: Any) -> str:
        return f"ctag.{BROKER.queue(queue)}"

    def close(self, *_: Any, **__: Any) -> None:
        """Nothing is open."""

    basic_ack = basic_nack = basic_reject = basic_qos = basic_cancel = close
    confirm_delivery = start_consuming = stop_consuming = add_on_return_callback = close

    def __enter__(self) -> Channel:
        return self

    __exit__ = close


class Connection:
    """A blocking connection of pika, whichever server the application names."""

    is_open, is_closed = True, False

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def channel(self, *_: Any, **__: Any) -> Channel:
        return Channel()

    def close(self, *_: Any, **__: Any) -> None:
        """Nothing is open."""

    process_data_events = add_callback_threadsafe = call_later = close

    def __enter__(self) -> Connection:
        return self

    __exit__ = close


class Awaited:
    """What aio-pika has both awaited and entered."""

    is_closed = False

    def __await__(self) -> Generator[Any, None, Any]:
        yield from ()
        return self

    async def __aenter__(self) -> Any:
        return self

    async def __aexit__(self, *_: Any) -> None: ...

    async def close(self, *_: Any, **__: Any) -> None:
        """Nothing is open."""

    set_qos = cancel = ready = connect = close


class AsyncExchange:
    """An exchange of aio-pika."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def publish(self, message: Any, routing_key: str = "", **_: Any) -> None:
        BROKER.publish(self.name, routing_key, message.body, message)


class AsyncQueue(Awaited):
    """A queue of aio-pika."""

    def __init__(self, name: str | None) -> None:
        self.name = BROKER.queue(name)

    async def bind(self, exchange: Any, routing_key: str | None = None, **_: Any) -> None:
        BROKER.bind(self.name, getattr(exchange, "name", exchange), routing_key)

    async def consume(self, *_: Any, **__: Any) -> str:
        return f"ctag.{self.name}"

    async def get(self, *, fail: bool = True, **_: Any) -> Message | None:
        if waiting := BROKER.queues[self.name]:
            return waiting.popleft()
        if fail:
            raise importlib.import_module("aio_pika.exceptions").QueueEmpty
        return None

    async def purge(self, **_: Any) -> None:
        BROKER.queues[self.name].clear()

    @asynccontextmanager
    async def iterator(self, **_: Any) -> AsyncIterator[AsyncIterator[Message]]:
        async def waiting() -> AsyncIterator[Message]:
            while True:
                if one := await self.get(fail=False):
                    yield one
                await asyncio.sleep(0.01)

        yield waiting()


class AsyncChannel(Awaited):
    """A channel of aio-pika."""

    default_exchange = AsyncExchange("")

    async def declare_exchange(
        self,
        name: str,
        type: Any = "direct",  # noqa: A002 - so aio-pika calls it
        **_: Any,
    ) -> AsyncExchange:
        BROKER.kinds[name] = str(getattr(type, "value", type))
        return AsyncExchange(name)

    async def get_exchange(self, name: str, **_: Any) -> AsyncExchange:
        return AsyncExchange(name)

    async def declare_queue(self, name: str | None = None, **_: Any) -> AsyncQueue:
        return AsyncQueue(name)

    get_queue = declare_queue


class AsyncConnection(Awaited):
    """A connection of aio-pika, whichever server the application names."""

    def channel(self, *_: Any, **__: Any) -> AsyncChannel:
        return AsyncChannel()


async def connect(*_: Any, **__: Any) -> AsyncConnection:
    """Return a connection to the double."""
    return AsyncConnection()


def _take_over() -> None:
    blocking = ("pika", "pika.adapters", "pika.adapters.blocking_connection")
    modules = ("aio_pika", "aio_pika.connection", "aio_pika.robust_connection")
    for module, name, double in (
        *((module, "BlockingConnection", Connection) for module in blocking),
        *((module, name, connect) for module in modules for name in ("connect", "connect_robust")),
    ):
        with suppress(ImportError):
            found = importlib.import_module(module)
            if hasattr(found, name):
                setattr(found, name, double)


# At import, because the application may connect while it is imported.
_take_over()


@pytest.fixture(autouse=True)
def rabbitmq_double() -> Recorded:
    """What this test has the application publish: `rabbitmq_double.named("mails")[0].args`."""
    QUEUE.sent.clear()
    for waiting in BROKER.queues.values():
        waiting.clear()
    return QUEUE
