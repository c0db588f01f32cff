"""Users."""

from factory import LazyFunction, Sequence
from test_harness import ModelFactory, hashed_password

from app.models import User


class UserFactory(ModelFactory):
    """A user who can log in with `test_harness.PASSWORD`."""

    class Meta:
        model = User

    email = Sequence(lambda n: f"user{n}@example.com")
    password_hash = LazyFunction(hashed_password)
    is_active = True
    is_verified = True
