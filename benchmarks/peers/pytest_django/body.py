"""The test of `body_sync.py` in the ORM of Django, isolated by the `db` fixture."""
# mypy: disable-error-code="import-not-found"

from __future__ import annotations

from shop.models import User


def test_the_database_is_there(db: None) -> None:
    assert not User.objects.exists()


def test_user(db: None) -> None:
    email = "user@example.com"
    User.objects.create(email=email, name="Somebody")
    found = list(User.objects.filter(email=email))
    assert len(found) == 1
