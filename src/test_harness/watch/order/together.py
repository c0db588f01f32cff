"""Which tests stay together, whatever order and whichever machine the others go to."""

from __future__ import annotations

import pytest

MARKERS = ("shared_rows", "journey")


def sharing_node(item: pytest.Item) -> pytest.Class | pytest.Module | None:
    """Return the class or the module of a test whose tests share rows; None where none does."""
    for marker in MARKERS:
        for node, _ in item.iter_markers_with_node(marker):
            if isinstance(node, (pytest.Class, pytest.Module)):
                return node
            return item.getparent(pytest.Class) or item.getparent(pytest.Module)
    return None
