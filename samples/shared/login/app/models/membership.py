"""Memberships: which users belong to which organisations, and what they may do there."""

from datetime import datetime
from enum import Enum
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base, checked_enum, utc_now
from app.models.organisation import Organisation
from app.models.user import User


class Role(str, Enum):
    """What a member may do, from the least to the most."""

    MEMBER = "member"
    ADMIN = "admin"
    OWNER = "owner"

    def covers(self, needed: "Role") -> bool:
        """Tell whether this role may do everything that `needed` may."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(needed)


class Membership(Base):
    """A user's place in an organisation."""

    __tablename__ = "memberships"

    organisation_id: Mapped[UUID] = mapped_column(
        ForeignKey("organisations.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[Role] = mapped_column(checked_enum(Role, "role"))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    # "raise": a query that needs them says so, instead of one more query per row.
    organisation: Mapped[Organisation] = relationship(lazy="raise")
    user: Mapped[User] = relationship(lazy="raise")
