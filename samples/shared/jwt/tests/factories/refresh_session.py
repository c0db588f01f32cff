"""Refresh sessions."""

from datetime import datetime, timezone

from factory import SubFactory

from app.models import RefreshSession
from factories.user import UserFactory
from test_harness import ModelFactory


class RefreshSessionFactory(ModelFactory):
    class Meta:
        model = RefreshSession

    user = SubFactory(UserFactory)
    expires_at = datetime(2099, 12, 31, tzinfo=timezone.utc)
