"""Answers of the application that fail a check when the harness comes: written down once."""

from __future__ import annotations

from collections.abc import Mapping

from test_harness.commands.results import Failure
from test_harness.known import Entry

# What may be known of an application: its answers, and that its tables or rows cannot be made.
BOOKED = (
    "test_factories_",
    "test_flow_",
    "test_health_",
    "test_infrastructure::test_every_table_of_the_metadata",
)


def entries_of(failures: Mapping[str, Failure]) -> list[Entry]:
    """Return what is written down of a first run; nothing where anything else is wrong as well.

    Args:
        failures: Of each test that failed.
    """
    open_to_a_person = {test for test, one in failures.items() if is_for_a_person(one)}
    booked = [Entry(test, one.seen) for test, one in failures.items() if _is_booked(test, one)]
    return booked if len(booked) + len(open_to_a_person) == len(failures) else []


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
