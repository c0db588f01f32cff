"""Which files are open in this process, and how often."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

Identity = tuple[int, int]
# A link to /proc/self/fd on Linux; Windows has none, and nothing is found there.
DESCRIPTORS = Path("/dev/fd")


def open_now() -> Counter[Identity]:
    """Return how many descriptors each file has."""
    if not DESCRIPTORS.is_dir():
        return Counter()
    numbers = os.listdir(DESCRIPTORS)  # noqa: PTH208 - a Path of each is of no use
    known = (identity(os.fstat, int(number)) for number in numbers)
    return Counter(it for it in known if it is not None)


def identity(ask: Callable[[Any], os.stat_result], of: Any) -> Identity | None:
    """Return what tells a file apart from all others; None where it is gone.

    Args:
        ask: `os.stat` or `os.fstat`.
        of: A path or a number.
    """
    try:
        status = ask(of)
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino
