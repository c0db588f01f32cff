"""Avatars."""

from factory import SelfAttribute, SubFactory
from test_harness import ModelFactory

from app.models.avatar import Avatar
from factories.user import UserFactory


class AvatarFactory(ModelFactory):
    class Meta:
        model = Avatar

    class Params:
        user = SubFactory(UserFactory)

    user_id = SelfAttribute("user.id")
    content_type = "image/png"
    content = b"content"
