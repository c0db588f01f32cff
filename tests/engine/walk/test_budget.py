"""A list that asks more often for more rows does so on a slow machine as well."""

from __future__ import annotations

from typing import Any

import pytest

from test_harness.walk.oracles.budget import GROWTH, is_growing
from test_harness.walk.visit import Request, Statement, Visit

ONE = Statement("SELECT name FROM users WHERE id = 1")


def visit(times: int, **came: Any) -> Visit:
    request = Request("GET", "/posts")
    given = {"status": 200, "text": "x" * times, **came}
    return Visit("owner", request, statements=(ONE,) * times, **given)


@pytest.mark.parametrize(
    ("after", "growing"),
    [
        (visit(2 + GROWTH), True),
        (visit(1 + GROWTH), False),
        (visit(2 + GROWTH, text=""), False),
        # It was cut off, so that nothing was answered.
        (visit(2 + GROWTH, status=0, text="", ended=False), True),
        (visit(2, status=0, text="", ended=False), False),
        (visit(2 + GROWTH, status=500, error="KeyError: 1"), False),
    ],
)
def test_growth_is_seen_in_what_is_asked(after: Visit, growing: bool) -> None:
    assert is_growing(visit(2), after) is growing
