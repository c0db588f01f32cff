"""Failures of single checks that the application had before the harness: written down once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

HEADER = """\
# Checks that failed when the harness came, because of how the application is or what harness.toml
# says of it. Each is expected to fail until its line is deleted, and fails for good once that is
# mended.
"""
WHY = "because of how the application is or what harness.toml says of it"

# Without a login that works no other check of logins says anything, nor of sockets.
NEVER = ("test_a_logged_in_user_gets_in", "test_a_user_connects", "test_a_user_opens_the_socket")
LOGS_IN = "test_what_has_to_be_refused_opens_nothing"
# What takes too long is no answer.
NOT_ENDED = " did not end within "
ACCEPTED = (
    "test_auth_",
    "test_factories_",
    "test_flow_",
    "test_health_",
    "test_infrastructure::test_every_table_of_the_metadata",
    "test_socket",
    "test_token_",
)


def acceptable(failures: Mapping[str, str]) -> bool:
    """Say whether all failures are of the application's answers, and none of the harness's.

    Args:
        failures: What each test that failed said.
    """
    return bool(failures) and all(
        test.startswith(ACCEPTED) and not (_is_of_the_login(test, said) or NOT_ENDED in said)
        for test, said in failures.items()
    )


def _is_of_the_login(test: str, said: str) -> bool:
    name = test.partition("::")[2].partition("[")[0]
    return name in NEVER or (name == LOGS_IN and "LoginError" in said)


def record(path: Path, failures: Mapping[str, str]) -> None:
    """Write the names of the tests and what each said."""
    lines = [f"# {said}\n{test}\n" for test, said in failures.items()]
    path.write_text(HEADER + "".join(lines), encoding="utf-8")
