"""Avatars: the pictures of users, small enough to be kept in the database."""

from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class Avatar(Base):
    """The picture of a user."""

    __tablename__ = "avatars"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    content_type: Mapped[str] = mapped_column(String(20))
    content: Mapped[bytes]
