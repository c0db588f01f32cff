"""Answers of the application that fail a check when the harness comes: written down once."""

from __future__ import annotations

from collections.abc import Mapping

from test_harness.commands.results import Failure
from test_harness.known import Entry

# What may be known of an application: its answers, and that its tables or rows cannot be made.
FACTORIES = "test_factories_"
BOOKED = (
    FACTORIES,
    "test_flow_",
    "test_health_",
    "test_routes_",
    "test_infrastructure::test_every_table_of_the_metadata",
)


def entries_of(failures: Mapping[str, Failure]) -> list[Entry]:
    """Return what is written down of a first run; nothing where more is wrong than answers.

    Args:
        failures: Of each test that failed.
    """
    booked = [Entry(test, one.seen) for test, one in failures.items() if _is_booked(test, one)]
    # These stay red, and say nothing against the others.
    red = [test for test, one in failures.items() if is_for_a_person(one) or _lacks_rows(test, one)]
    return booked if len(booked) + len(red) == len(failures) else []


def _lacks_rows(test: str, failure: Failure) -> bool:
    """Tell whether a factory makes no row that the database takes, which its message mends."""
    return test.startswith(FACTORIES) and failure.seen is None and not failure.fault


def is_for_a_person(failure: Failure) -> bool:
    """Tell whether only a person may say that a failure is known: it is one of security."""
    return failure.is_check and failure.is_of_security and failure.seen is not None


def _is_booked(test: str, failure: Failure) -> bool:
    seen = failure.seen
    if seen is None or not seen.line or failure.fault or failure.is_of_security:
        return False
    # Who should have been told off is let in.
    is_success = seen.answer.startswith("2") and seen.answer.isdigit()
    return (
        failure.is_check and failure.is_of_the_test and test.startswith(BOOKED) and not is_success
    )
