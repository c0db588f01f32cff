"""One-time tokens."""

from datetime import datetime, timezone

from factory import SelfAttribute, Sequence, SubFactory
from test_harness import ModelFactory

from app.models.one_time_token import OneTimeToken, Purpose
from factories.user import UserFactory


class OneTimeTokenFactory(ModelFactory):
    class Meta:
        model = OneTimeToken

    class Params:
        user = SubFactory(UserFactory)

    token_hash = Sequence(lambda n: f"only-for-tests-{n:024}")
    user_id = SelfAttribute("user.id")
    purpose = Purpose.VERIFY
    expires_at = datetime(2099, 12, 31, tzinfo=timezone.utc)
