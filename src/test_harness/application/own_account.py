"""What the harness does on its own account in the middle of a test, and no test is charged with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_is_own = ContextVar("test_harness_own_account", default=False)
_is_told = ContextVar("test_harness_own_account_told", default=True)


@contextmanager
def on_own_account(*, told: bool = False) -> Iterator[None]:
    """Within the block requests and statements are the harness's, those of the application too.

    Args:
        told: Whether what is asked for is what the test is about, all the same.
    """
    tokens = _is_own.set(True), _is_told.set(told)
    try:
        yield
    finally:
        _is_own.reset(tokens[0])
        _is_told.reset(tokens[1])


def is_on_own_account() -> bool:
    """Tell whether what happens here and now is the harness's."""
    return _is_own.get()


def is_told() -> bool:
    """Tell whether what is asked for here and now is what the test is about."""
    return _is_told.get()
