"""Failed logins, which are counted against guessing."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, utc_now
from app.models.user import ADDRESS


class FailedLogin(Base):
    """A login that was refused, whether or not the address has an account."""

    __tablename__ = "failed_logins"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    email: Mapped[str] = mapped_column(ADDRESS, index=True)
    failed_at: Mapped[datetime] = mapped_column(default=utc_now)
