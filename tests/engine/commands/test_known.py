"""Only how the application answers may be a failure that was there before."""

from __future__ import annotations

import pytest

from test_harness.commands import known as known_failures


@pytest.mark.parametrize(
    ("failures", "acceptable"),
    [
        (["test_auth_jwt_bearer_sync::test_no_token_is_refused"], True),
        (["test_health_async::test_an_unknown_path_is_no_error"], True),
        (["test_auth_credentials_sync::test_a_logged_in_user_gets_in"], False),
        (["test_socketio_sync::test_what_has_to_be_refused_does_not_connect[missing]"], True),
        (["test_socketio_sync::test_a_user_connects"], False),
        (["test_socket_async::test_a_user_opens_the_socket"], False),
        (["test_isolation_sync::test_a_commit_does_not_outlive_its_test[1]"], False),
        (
            ["test_health_sync::test_the_health_route_answers", "test_seam::test_anything"],
            False,
        ),
        ([], False),
    ],
)
def test_only_answers_of_the_application_may_be_known_failures(
    failures: list[str], acceptable: bool
) -> None:
    assert known_failures.acceptable(dict.fromkeys(failures, "said")) == acceptable


def test_no_way_to_log_in_may_be_broken_as_a_known_failure() -> None:
    test = "test_auth_credentials_sync::test_what_has_to_be_refused_opens_nothing[missing]"
    assert known_failures.acceptable({test: "Failed: GET /me answered 403, not 401."})
    assert not known_failures.acceptable(
        {test: "test_harness.errors.LoginError: The login set no cookie."}
    )


def test_what_takes_too_long_is_no_known_failure() -> None:
    test = "test_health_sync::test_the_health_route_answers"
    said = f"NotEnded: tests/checks/{test} did not end within 60 seconds: app/main.py:3 sleeps"
    assert not known_failures.acceptable({test: said})
