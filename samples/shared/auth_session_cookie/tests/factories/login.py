"""Logins."""

from datetime import datetime, timezone

from factory import Sequence, SubFactory
from test_harness import ModelFactory

from app.models import Login
from factories.user import UserFactory


class LoginFactory(ModelFactory):
    class Meta:
        model = Login

    secret_hash = Sequence(lambda n: f"{n:064x}")
    user = SubFactory(UserFactory)
    password_version = 1
    expires_at = datetime(2099, 12, 31, tzinfo=timezone.utc)
