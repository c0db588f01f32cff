"""A savepoint of the tests that is gone is a fault of the harness, whoever sent the statement."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import InternalError

from test_harness.lock.callers import fault_of_the_harness


@pytest.mark.parametrize(
    ("said", "is_ours"),
    [
        ('savepoint "test_harness_2" does not exist', True),
        ("SAVEPOINT test_harness_1 does not exist", True),
        ("no such savepoint: test_harness_12", True),
        ('savepoint "sa_savepoint_1" does not exist', False),
        ("no such savepoint: mine", False),
        ('relation "items" does not exist', False),
    ],
)
def test_a_lost_savepoint_is_of_whom_it_was(said: str, *, is_ours: bool) -> None:
    with pytest.raises(InternalError) as raised:
        raise InternalError("SELECT 1", {}, Exception(said))
    assert bool(fault_of_the_harness(raised.value)) is is_ours
