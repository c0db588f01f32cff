"""Users: the people who log in."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import String
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, utc_now

# MySQL takes `é` for `e` unless it is told otherwise, and so one address for another.
ADDRESS = String(320).with_variant(mysql.VARCHAR(320, collation="utf8mb4_bin"), "mysql", "mariadb")


class User(Base):
    """Somebody with a password. Until the address is verified, and while inactive, it is no use."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    email: Mapped[str] = mapped_column(ADDRESS, unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    # Counts the passwords so far: what was begun under an older one is over.
    password_version: Mapped[int] = mapped_column(default=1)
    is_active: Mapped[bool] = mapped_column(default=True)
    is_verified: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
