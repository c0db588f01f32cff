"""What stands where in a payload, and which changes and names say nothing of whose a row is."""

from __future__ import annotations

import pytest

from test_harness.walk.oracles.mixed import is_of_another
from test_harness.walk.oracles.odd_input import may_be_null
from test_harness.walk.oracles.tenancy import is_counted
from test_harness.walk.places import get, put, rows_within
from test_harness.walk.recipe import Symbol
from test_harness.walk.visit import Change

ROW = Symbol("row", "items.id")
PAYLOAD = {"name": "a", "ids": [ROW], "lines": [{"item_id": ROW}, {"item_id": 2}]}


def test_rows_are_found_in_lists_and_objects() -> None:
    assert dict(rows_within(PAYLOAD)) == {("ids", 0): ROW, ("lines", 0, "item_id"): ROW}


def test_one_place_is_another_and_the_rest_is_as_it_was() -> None:
    changed = put(PAYLOAD, ("lines", 0, "item_id"), 3)
    assert get(changed, ("lines", 0, "item_id")) == 3
    assert put(changed, ("lines", 0, "item_id"), ROW) == PAYLOAD
    assert put({}, ("shelf_id",), 1) == {"shelf_id": 1}


@pytest.mark.parametrize(
    ("changed", "is_one"),
    [
        ({"views": 1}, True),
        ({"like_count": 1, "last_seen_at": "now"}, True),
        ({"views": 1, "name": "b"}, False),
        ({"review": "b"}, False),
        ({"amount": 9}, False),
    ],
)
def test_who_comes_by_changes_what_is_counted_only(
    changed: dict[str, object], is_one: bool
) -> None:
    before = dict.fromkeys(changed)
    assert is_counted(Change("posts", (1,), before, {**before, **changed})) is is_one
    assert not is_counted(Change("posts", (1,), None, changed))
    assert not is_counted(Change("posts", (1,), changed, None))


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("to_wallet_id", True),
        ("recipient_id", True),
        ("from_wallet_id", False),
        ("topic_id", False),
        ("box_id", False),
    ],
)
def test_where_something_goes_to_is_another_s(name: str, is_one: bool) -> None:
    assert is_of_another(name) is is_one


@pytest.mark.parametrize(
    ("schema", "may_be"),
    [
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, True),
        ({"type": ["string", "null"]}, True),
        ({"type": "string"}, False),
        ({}, False),
    ],
)
def test_nothing_is_sent_where_a_schema_has_it(schema: dict[str, object], may_be: bool) -> None:
    assert may_be_null(schema) is may_be
