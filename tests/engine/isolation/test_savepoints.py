"""What the application's own savepoints do to those of the tests."""

from __future__ import annotations

import pytest

from test_harness.isolation.savepoints import (
    Savepoint,
    Within,
    release_committed,
    take_away_since,
)


def names_after(*statements: str) -> list[str]:
    """Return what is there of three savepoints, of which the last two came after `inner`."""
    within, known = Within(), [Savepoint("test_harness_1")]
    within.follow("SAVEPOINT inner", known)
    known += [Savepoint("test_harness_2"), Savepoint("test_harness_3")]
    for statement in statements:
        within.follow(statement, known)
    return [one.name for one in known]


@pytest.mark.parametrize(
    "statement",
    [
        "RELEASE SAVEPOINT inner",
        "RELEASE inner",
        "ROLLBACK TO SAVEPOINT inner",
        'rollback to "inner"',
        "ROLLBACK TRANSACTION TO SAVEPOINT inner;",
    ],
)
def test_what_was_set_since_is_gone_with_it(statement: str) -> None:
    assert names_after(statement) == ["test_harness_1"]


@pytest.mark.parametrize(
    "statement",
    ["SELECT 1", "ROLLBACK", "RELEASE SAVEPOINT other", "SAVEPOINT inner", "ROLLBACK TO other"],
)
def test_anything_else_leaves_them_alone(statement: str) -> None:
    assert names_after(statement) == ["test_harness_1", "test_harness_2", "test_harness_3"]


def test_the_newest_of_a_name_is_meant() -> None:
    statements = "SAVEPOINT inner", "RELEASE inner", "RELEASE inner", "RELEASE inner"
    assert names_after(*statements[:2]) == ["test_harness_1", "test_harness_2", "test_harness_3"]
    assert names_after(*statements) == ["test_harness_1"]


def test_one_can_be_gone_back_to_twice() -> None:
    within, known = Within(), [Savepoint("test_harness_1")]
    within.follow("SAVEPOINT inner", known)
    for _ in range(2):
        known.append(Savepoint("test_harness_2"))
        within.follow("ROLLBACK TO SAVEPOINT inner", known)
        assert len(known) == 1


@pytest.mark.parametrize("wrote", [True, False])
def test_what_was_released_into_one_is_undone_with_it(wrote: bool) -> None:
    first = Savepoint("test_harness_1", wrote=True)
    known = [first, Savepoint("test_harness_2", "committed", wrote=wrote)]
    known.append(Savepoint("test_harness_3", "committed"))
    assert release_committed(known) == ["RELEASE SAVEPOINT test_harness_2"]
    # The next transaction has begun, and not written yet.
    known.append(Savepoint("test_harness_2"))
    assert take_away_since(first, known) is wrote
    assert known == [first]
    assert take_away_since(first, known) is False
