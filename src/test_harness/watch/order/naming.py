"""How pytest is asked for a test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def name_of(item: pytest.Item, folder: Path) -> str:
    """Return how pytest is asked for a test.

    Args:
        item: The test.
        folder: The one that pytest is called in.
    """
    path = Path(os.path.relpath(item.path, folder)).as_posix()
    _, colons, rest = item.nodeid.partition("::")
    return f"{path}{colons}{rest}"
