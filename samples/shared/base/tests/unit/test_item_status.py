"""An item's life goes one stage on at a time, and never back."""

from itertools import product

from app.models import ItemStatus


def test_only_the_next_stage_can_follow():
    steps = {
        (status.value, next_status.value)
        for status, next_status in product(ItemStatus, repeat=2)
        if status.can_become(next_status)
    }

    assert steps == {("draft", "active"), ("active", "archived")}
