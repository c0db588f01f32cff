import enum
from uuid import uuid4

from sqlalchemy import Enum, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from marina.db import Base


class Role(enum.Enum):
    DECKHAND = "deckhand"
    MASTER = "master"


class Sailor(Base):
    __tablename__ = "sailors"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(200), unique=True)
    hashed_password: Mapped[str] = mapped_column(String(200))
    role: Mapped[Role] = mapped_column(Enum(Role, name="role"), default=Role.DECKHAND)


class Login(Base):
    __tablename__ = "logins"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=lambda: uuid4().hex)
    sailor_id: Mapped[int] = mapped_column(ForeignKey("sailors.id", ondelete="CASCADE"))
    refresh_token: Mapped[str] = mapped_column(String(100), unique=True)
