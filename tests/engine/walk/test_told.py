"""What is wrong with a route is told so that it can be known: the same in each run, and no more."""

from __future__ import annotations

import pytest

from test_harness.application.evidence import evidence_of
from test_harness.known import Entry, Seen
from test_harness.walk.finding import Finding
from test_harness.walk.looking import told
from test_harness.walk.operation import Operation

ITEMS = Operation("GET", "/items")


def seen_of(*problems: str) -> Seen:
    with pytest.raises(AssertionError) as failure:
        told([Finding("budget", ITEMS, problem) for problem in problems])
    seen = evidence_of(failure.value)
    assert seen is not None
    return seen


def test_nothing_wrong_is_not_told() -> None:
    told([])


def test_what_is_known_of_a_route_expects_the_same_with_other_numbers_and_no_other() -> None:
    known = Entry("test_routes_sync::test_lists[GET /items]", seen_of("asks more: 3 for 2 rows"))
    assert known.expects(seen_of("asks more: 13 for 12 rows"))
    assert not known.expects(seen_of("has no order"))
    assert not known.expects(seen_of("asks more: 3 for 2 rows", "has no order"))


def test_another_status_is_another_answer() -> None:
    known = Entry("test_routes_sync::test_lists[GET /items]", seen_of("/items/7 answered 403"))
    assert known.expects(seen_of("/items/8 answered 403"))
    assert not known.expects(seen_of("/items/7 answered 200"))


def test_the_version_in_a_path_is_no_number_that_changes() -> None:
    assert seen_of("GET /api/v1/items/7 has 3").answer == "budget: GET /api/v1/items/... has ..."


def test_what_stands_on_several_lines_is_told_on_one() -> None:
    assert "\n" not in seen_of("raised DataError: near\n  LIMIT").answer
