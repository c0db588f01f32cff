"""A double of dramatiq's brokers: a message is written down, and run by nobody.

To run what was sent, have a worker do it: `dramatiq_double.broker.join("default")`.
"""

from __future__ import annotations

import contextlib
import importlib
from typing import Any

import dramatiq
import pytest
from dramatiq.brokers.stub import StubBroker

from test_harness.doubles.recorded import Queue

QUEUE = Queue()
undone = QUEUE.undone


class Broker(StubBroker):  # type: ignore[misc]
    """Takes whatever another broker is made with, and connects to nothing."""

    def __init__(self, *, middleware: Any = None, **options: Any) -> None:
        super().__init__(middleware)

    def enqueue(self, message: Any, *, delay: Any = None) -> Any:
        """Keep a message, and write it down."""
        QUEUE.add(message.actor_name, message.args, message.kwargs)
        return super().enqueue(message, delay=delay)


def _take_over() -> None:
    for module, name in (("redis", "RedisBroker"), ("rabbitmq", "RabbitmqBroker")):
        with contextlib.suppress(ImportError):  # The library of one of them is not installed.
            setattr(importlib.import_module(f"dramatiq.brokers.{module}"), name, Broker)
    dramatiq.set_broker(Broker())


# At import, because actors are bound to a broker while the application is imported.
_take_over()


@pytest.fixture(autouse=True)
def dramatiq_double() -> Queue:
    """What this test has the application send: `dramatiq_double.named("send_mail")[0].args`."""
    broker = dramatiq.get_broker()
    if isinstance(broker, StubBroker):
        broker.flush_all()
    QUEUE.sent.clear()
    return QUEUE
