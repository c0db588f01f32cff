"""A double of Celery's broker: a task runs where it is sent, and is written down.

What a task raises is kept in its result, as a worker would; nothing of it reaches who sent it.
"""

from __future__ import annotations

from typing import Any

import pytest
from celery import Celery
from celery.app.task import Task
from celery.utils import uuid

from test_harness.doubles.recorded import Queue

SETTINGS = {
    "broker_url": "memory://",
    "result_backend": "cache+memory://",
    "task_always_eager": True,
    "task_store_eager_result": True,
}
QUEUE = Queue()
undone = QUEUE.undone


def _held(app: Any) -> Any:
    """Have an application without a broker, whatever it read from its configuration."""
    if not app.conf.task_always_eager:
        app.conf.update(SETTINGS)
    return app


def _take_over() -> None:
    apply_async, connection = Task.apply_async, Celery._connection

    def apply(self: Any, args: Any = None, kwargs: Any = None, *rest: Any, **options: Any) -> Any:
        _held(self.app)
        # A task has read this from the configuration already.
        self.store_eager_result = True
        QUEUE.add(self.name, args, kwargs)
        return apply_async(self, args, kwargs, *rest, **options)

    def send(self: Any, name: str, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
        task = _held(self).tasks.get(name)
        if task is not None:
            return task.apply_async(args, kwargs)
        QUEUE.add(name, args, kwargs)
        return self.AsyncResult(options.get("task_id") or uuid())

    def connect(self: Any, url: Any, *rest: Any, **options: Any) -> Any:
        return connection(_held(self), SETTINGS["broker_url"], *rest, **options)

    Task.apply_async, Celery.send_task, Celery._connection = apply, send, connect


# At import, because the application may send a task while it is imported.
_take_over()


@pytest.fixture(autouse=True)
def celery_double() -> Queue:
    """What this test has the application send: `celery_double.named("send_mail")[0].args`."""
    QUEUE.sent.clear()
    return QUEUE
