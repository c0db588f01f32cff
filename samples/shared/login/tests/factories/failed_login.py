"""Failed logins."""

from factory import Sequence
from test_harness import ModelFactory

from app.models.failed_login import FailedLogin


class FailedLoginFactory(ModelFactory):
    class Meta:
        model = FailedLogin

    email = Sequence(lambda n: f"user{n}@example.com")
