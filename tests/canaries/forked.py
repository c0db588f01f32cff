"""A child made by fork, and what became of what it tried."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

REFUSED = re.compile(r"IsolationError\W+\S+\.py:\d+ used the database in a child process")
SECONDS = 30


@contextmanager
def said_by_child(work: Callable[[], Any]) -> Iterator[list[str]]:
    """Have a child made by fork work beside the block; behind it there is what became of that.

    Args:
        work: What it does, in a thread in which no event loop runs.
    """
    ours, its = multiprocessing.Pipe()
    with warnings.catch_warnings():
        # Of threads, which the tests of asynchronous drivers have.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        thread = threading.Thread(target=_tell, args=(its, work))
        thread.start()
        thread.join()
        os._exit(0)
    said: list[str] = []
    try:
        yield said
        said.append(ours.recv() if ours.poll(SECONDS) else "nothing: it hangs")
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _tell(pipe: Connection, work: Callable[[], Any]) -> None:
    try:
        pipe.send(f"it has {work()!r}")
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is told
        pipe.send(f"{type(error).__name__}: {error}")
