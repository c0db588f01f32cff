"""Users."""

from factory import LazyFunction, Sequence

from app.models import User
from harness.auth import hashed_password
from harness.factory import ModelFactory


class UserFactory(ModelFactory):
    """A user who can log in with `harness.auth.PASSWORD`."""

    class Meta:
        model = User

    email = Sequence(lambda n: f"user{n}@example.com")
    password_hash = LazyFunction(hashed_password)
    is_active = True
    is_verified = True
