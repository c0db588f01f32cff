"""Avatars in the database."""

from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import Avatar, User


class AvatarRepository:
    """Reads and writes the pictures of users."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def put(self, user: User, content_type: str, content: bytes) -> None:
        """Store the picture of `user`, in place of the one there was."""
        self.session.merge(Avatar(user_id=user.id, content_type=content_type, content=content))

    def get(self, user: User) -> Avatar:
        """Return the picture of `user`. Raises NotFound."""
        avatar = self.session.get(Avatar, user.id)
        if avatar is None:
            raise NotFound("There is no picture.")
        return avatar
