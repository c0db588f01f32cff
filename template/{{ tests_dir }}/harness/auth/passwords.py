"""The password of every user that factories make, as the application's own hasher stores it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from harness.application import import_object
from harness.settings import settings

PASSWORD = "Correct-Horse-7-Battery"  # noqa: S105 - the plain password of every user that factories make


@cache
def hashed_password() -> str:
    """Return PASSWORD as the application's own hasher stores it, hashed once per run."""
    hasher: Callable[[str], str] = import_object(settings().auth.password_hasher)
    return hasher(PASSWORD)
