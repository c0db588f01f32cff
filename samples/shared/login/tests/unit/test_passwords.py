"""Which passwords are strong enough, and how they are kept."""

import pytest

from app.passwords import check_strength, hash_password, verify_password

STRONG = "plum-orbit-kettle"


def test_a_strong_password_is_accepted():
    assert check_strength(STRONG, "ada@example.com") == STRONG


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("plum-orbit1", "fewer than 12 characters"),
        ("abcdabcdabcd", "fewer than 5 different characters"),
        ("my-name-is-Ada", "contains the name in the email address"),
    ],
)
def test_a_weak_password_is_refused(password, reason):
    with pytest.raises(ValueError, match=reason):
        check_strength(password, "ada@example.com")


def test_a_hash_verifies_its_own_password_only():
    password_hash = hash_password(STRONG)

    assert verify_password(STRONG, password_hash) is True
    assert verify_password(STRONG.upper(), password_hash) is False
