"""Routes of those who look after rows are known by their words, and by no others."""

from __future__ import annotations

import pytest

from test_harness.walk.operation import Operation
from test_harness.walk.oracles.moderated import applies


@pytest.mark.parametrize(
    ("path", "is_asked"),
    [
        ("/products/{product_id}/reviews", True),
        ("/states/{state_id}/comments", True),
        ("/review/comments", False),
        ("/reviewer/queue", False),
        ("/me/comments", False),
        ("/stats", False),
        ("/moderation/comments", False),
    ],
)
def test_who_looks_after_rows_may_see_what_was_taken_out(path: str, is_asked: bool) -> None:
    assert applies(Operation("GET", path)) is is_asked
