"""The markers of a test, which are looked for along its whole way to the root of the run."""

from __future__ import annotations

import pytest

_found = pytest.StashKey[tuple[pytest.Mark, ...]]()


def markers_of(item: pytest.Item) -> tuple[pytest.Mark, ...]:
    """Return the markers that a test has when it begins, the closest first.

    Args:
        item: The test. It is asked once; what marks it later is not among them.
    """
    found = item.stash.get(_found, None)
    if found is None:
        found = item.stash[_found] = tuple(item.iter_markers())
    return found
