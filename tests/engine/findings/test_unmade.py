"""What keeps rows of several models from being made is said once, with its own fix."""

from __future__ import annotations

from test_harness.errors import LoginError
from test_harness.findings.unmade import causes_of

UNHASHED = LoginError("get_hash does not hash a password.", "Install bcrypt<5.")


def test_one_cause_is_said_once_with_its_own_fix() -> None:
    assert [*causes_of({"User": UNHASHED, "Post": UNHASHED})] == [
        (
            "No User and no Post can be made: get_hash does not hash a password.",
            "Install bcrypt<5.",
        )
    ]


def test_what_a_model_asks_for_is_declared_in_its_factory() -> None:
    assert [*causes_of({"User": UNHASHED, "Post": ValueError("no title")})][1:] == [
        (
            "No Post can be made: no title",
            "declare in factories.py, in PostFactory, what it asks for.",
        )
    ]


def test_where_all_can_be_made_nothing_is_wrong() -> None:
    assert [*causes_of({})] == []
