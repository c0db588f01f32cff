"""What requests leave beside the database, as far as it is in doubles of the harness."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cache

from test_harness.lock.services import doubles


@contextmanager
def none_left() -> Iterator[None]:
    """After the block doubles have what they had before: mails, queues, and keys of Redis."""
    with ExitStack() as stack:
        for undone in _of_doubles():
            stack.enter_context(undone())
        yield


@cache
def _of_doubles() -> list[Callable[[], AbstractContextManager[None]]]:
    # All that a suite has were loaded before its first test.
    modules = (sys.modules.get(f"test_harness.doubles.{name}") for name in doubles())
    return [module.undone for module in modules if module and hasattr(module, "undone")]
