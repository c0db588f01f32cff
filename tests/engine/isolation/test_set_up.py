"""What is set on a driver's connection is seen, and what drivers do there themselves is not."""

from __future__ import annotations

from test_harness.isolation.drivers.set_up import SetUp


def test_nothing_is_asked_of_a_connection_that_has_none_of_it() -> None:
    assert SetUp(object()).changed() == ""  # As asyncpg's.
