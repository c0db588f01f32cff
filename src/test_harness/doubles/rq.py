"""A double of RQ's queues: a job runs where it is enqueued, and is written down."""

from __future__ import annotations

from contextvars import copy_context
from typing import Any

import fakeredis
import pytest
from rq import Queue as Jobs

from test_harness.doubles.recorded import Queue
from test_harness.doubles.redis import SERVER

QUEUE = Queue()
undone = QUEUE.undone


def _take_over() -> None:
    make, enqueue = Jobs.__init__, Jobs.enqueue_job

    def __init__(self: Any, name: str = "default", *rest: Any, **options: Any) -> None:  # noqa: N807
        options |= {"connection": fakeredis.FakeStrictRedis(server=SERVER), "is_async": False}
        make(self, name, **options)

    def enqueue_job(self: Any, job: Any, *rest: Any, **options: Any) -> Any:
        QUEUE.add(job.func_name, job.args, job.kwargs)
        # A worker is another process: what a job puts into the context is none of who enqueued it.
        return copy_context().run(enqueue, self, job, *rest, **options)

    Jobs.__init__, Jobs.enqueue_job = __init__, enqueue_job


# At import, because the application may make its queue while it is imported.
_take_over()


@pytest.fixture(autouse=True)
def rq_double(redis_double: fakeredis.FakeRedis) -> Queue:
    """What this test has the application enqueue: `rq_double.named("send_mail")[0].args`."""
    QUEUE.sent.clear()
    return QUEUE
