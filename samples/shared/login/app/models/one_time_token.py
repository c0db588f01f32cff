"""One-time tokens: sent by mail, each good for one thing, once, and not for long."""

from datetime import datetime
from enum import Enum
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, checked_enum


class Purpose(str, Enum):
    """What a one-time token is good for; neither is accepted in place of the other."""

    VERIFY = "verify"
    RESET = "reset"


class OneTimeToken(Base):
    """A token that a user got by mail. Its row goes when it is used."""

    __tablename__ = "one_time_tokens"

    # A thief of the database cannot use a hash.
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[Purpose] = mapped_column(checked_enum(Purpose, "purpose"))
    expires_at: Mapped[datetime]
