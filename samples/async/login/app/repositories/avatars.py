"""Avatars in the database."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import NotFound
from app.models import Avatar, User


class AvatarRepository:
    """Reads and writes the pictures of users."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def put(self, user: User, content_type: str, content: bytes) -> None:
        """Store the picture of `user`, in place of the one there was."""
        await self.session.merge(
            Avatar(user_id=user.id, content_type=content_type, content=content)
        )

    async def get(self, user: User) -> Avatar:
        """Return the picture of `user`. Raises NotFound."""
        avatar = await self.session.get(Avatar, user.id)
        if avatar is None:
            raise NotFound("There is no picture.")
        return avatar
