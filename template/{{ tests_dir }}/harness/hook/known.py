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
    """Say whether all failures are of the application's answers, and none of the harness's."""
    return bool(failures) and all(
        test.startswith(ACCEPTED) and test.partition("::")[2].partition("[")[0] not in NEVER
        for test in failures
    )


def record(path: Path, failures: Mapping[str, str]) -> None:
    """Write the names of the tests and what each said."""
    lines = [f"# {said}\n{test}\n" for test, said in failures.items()]
    path.write_text(HEADER + "".join(lines), encoding="utf-8")
