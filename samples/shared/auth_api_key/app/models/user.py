"""Users: the people who log in."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import String
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import Mapped, mapped_column

from app.keys import make_key
from app.models.base import Base, utc_now

# MySQL takes `é` for `e` unless it is told otherwise, and so one address for another.
ADDRESS = String(320).with_variant(mysql.VARCHAR(320, collation="utf8mb4_bin"), "mysql", "mariadb")


class User(Base):
    """Somebody with a password. Until the address is verified, and while inactive, it is no use."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    email: Mapped[str] = mapped_column(ADDRESS, unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    # Count the passwords and the keys so far: a key is good for the newest ones only.
    password_version: Mapped[int] = mapped_column(default=1)
    key_version: Mapped[int] = mapped_column(default=1, server_default="1")
    is_active: Mapped[bool] = mapped_column(default=True)
    is_verified: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    @property
    def api_key(self) -> str:
        """The key that stands for this user."""
        return make_key(self.id, f"{self.password_version}.{self.key_version}")
