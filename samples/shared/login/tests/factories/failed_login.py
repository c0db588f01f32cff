"""Failed logins."""

from factory import Sequence

from app.models.failed_login import FailedLogin
from test_harness import ModelFactory


class FailedLoginFactory(ModelFactory):
    class Meta:
        model = FailedLogin

    email = Sequence(lambda n: f"user{n}@example.com")
