"""Only how the application answers may be a failure that was there before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from test_harness.commands.known import entries_of
from test_harness.commands.results import Failure
from test_harness.known import Entry, Seen

HEALTH = "test_health_async::test_the_health_route_answers"
LOGIN = "test_flow_login_sync::test_a_login_that_lacks_a_field_is_malformed[login_field]"
FORGED = "test_token_attacks_sync::test_a_token_without_its_signature_is_refused"
SEEN = Seen("GET /health", "500", "app/main.py:31")
ANSWER = Failure("Failed: GET /health answered 500, not 200.", SEEN, is_check=True)
OPEN = replace(ANSWER, is_of_security=True, seen=replace(SEEN, answer="200"))


def test_an_answer_of_the_application_is_written_down_with_what_was_seen() -> None:
    assert entries_of({HEALTH: ANSWER, LOGIN: ANSWER}) == [Entry(HEALTH, SEEN), Entry(LOGIN, SEEN)]


def test_what_a_check_of_security_finds_is_never_written_down() -> None:
    assert entries_of({FORGED: OPEN}) == []
    assert entries_of({FORGED: OPEN, HEALTH: ANSWER}) == [Entry(HEALTH, SEEN)]


def test_rows_that_no_factory_makes_stay_red_beside_what_is_written_down() -> None:
    row = "test_factories_sync::test_rows_are_saved_and_read_back[Invoice]"
    assert entries_of({row: replace(ANSWER, seen=None), HEALTH: ANSWER}) == [Entry(HEALTH, SEEN)]
    assert entries_of({row: replace(ANSWER, seen=None, fault="KeyError: 1"), HEALTH: ANSWER}) == []


@pytest.mark.parametrize(
    "failure",
    [
        replace(ANSWER, seen=None),
        replace(ANSWER, seen=replace(SEEN, line="")),
        replace(ANSWER, seen=replace(SEEN, answer="200")),
        replace(ANSWER, fault="TypeError: it broke (factories/base.py:3)"),
        replace(ANSWER, is_check=False),
        replace(ANSWER, is_of_the_test=False),
        replace(OPEN, seen=None),
    ],
    ids=["no answer", "no line", "let in", "our fault", "own test", "around", "no evidence"],
)
def test_where_anything_else_is_wrong_nothing_is_written_down(failure: Failure) -> None:
    assert entries_of({HEALTH: failure, LOGIN: ANSWER}) == []


@pytest.mark.parametrize(
    "test",
    [
        "test_isolation_sync::test_a_commit_does_not_outlive_its_test[1]",
        "test_infrastructure::test_the_network_is_not_reached[192.0.2.1]",
        "test_auth_credentials_sync::test_a_logged_in_user_gets_in",
    ],
)
def test_no_check_of_the_harness_or_of_the_login_is_known_to_fail(test: str) -> None:
    assert entries_of({test: ANSWER}) == []


def test_a_list_that_fails_is_written_down_and_an_open_door_is_not() -> None:
    check = "test_odd_input_is_answered_and_lists_have_each_row_once_at_the_same_cost"
    lists = f"test_routes_sync::{check}[GET /items]"
    access = "test_routes_sync::test_only_who_may_is_granted_and_refused_means_untouched[GET /x]"
    seen = Seen("GET /items", "lists: With limit=-1 GET /items raised DataError", "app/main.py:7")
    failure = replace(ANSWER, seen=seen)
    opened = replace(failure, is_of_security=True)
    assert entries_of({lists: failure, access: opened}) == [Entry(lists, seen)]
