"""Refresh sessions."""

from datetime import datetime, timezone

from factory import SubFactory
from test_harness import ModelFactory

from app.models import RefreshSession
from factories.user import UserFactory


class RefreshSessionFactory(ModelFactory):
    class Meta:
        model = RefreshSession

    user = SubFactory(UserFactory)
    expires_at = datetime(2099, 12, 31, tzinfo=timezone.utc)
