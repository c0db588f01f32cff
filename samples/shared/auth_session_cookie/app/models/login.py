"""Logins: the sessions of browsers, which live on the server."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base, utc_now
from app.models.user import User


class Login(Base):
    """A browser that is logged in. Its row goes when it logs out."""

    __tablename__ = "logins"

    # A thief of the database cannot use a hash.
    secret_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    password_version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime]

    user: Mapped[User] = relationship(lazy="raise")
