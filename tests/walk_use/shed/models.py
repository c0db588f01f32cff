"""The tables of an application in which everything is one user's, and what is shown of them."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta, timezone

from pydantic import BaseModel, ConfigDict
from sqlalchemy import DateTime, ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(80), unique=True)
    password: Mapped[str] = mapped_column(String(80))
    key: Mapped[str] = mapped_column(String(40), default=lambda: secrets.token_hex(16))
    role: Mapped[str] = mapped_column(String(20), default="member")
    is_admin: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Box(Base):
    __tablename__ = "boxes"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    label: Mapped[str] = mapped_column(String(40))
    owner: Mapped[User] = relationship()


class Thing(Base):
    __tablename__ = "things"
    id: Mapped[int] = mapped_column(primary_key=True)
    box_id: Mapped[int] = mapped_column(ForeignKey("boxes.id"))
    name: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(20), default="new")
    words: Mapped[str] = mapped_column(String(80), default="")
    size: Mapped[int] = mapped_column(default=7)
    is_public: Mapped[bool] = mapped_column(default=False)
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    box: Mapped[Box] = relationship()
    parts: Mapped[list[Part]] = relationship(back_populates="thing")


class Part(Base):
    __tablename__ = "parts"
    id: Mapped[int] = mapped_column(primary_key=True)
    thing_id: Mapped[int] = mapped_column(ForeignKey("things.id"))
    title: Mapped[str] = mapped_column(String(40))
    thing: Mapped[Thing] = relationship(back_populates="parts")


class Share(Base):
    __tablename__ = "shares"
    id: Mapped[int] = mapped_column(primary_key=True)
    thing_id: Mapped[int] = mapped_column(ForeignKey("things.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    can_edit: Mapped[bool] = mapped_column(default=False)
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    thing: Mapped[Thing] = relationship()
    user: Mapped[User] = relationship()


class Ticket(Base):
    __tablename__ = "tickets"
    token: Mapped[str] = mapped_column(
        String(40), primary_key=True, default=lambda: secrets.token_hex(16)
    )
    thing_id: Mapped[int] = mapped_column(ForeignKey("things.id"))
    expires_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), default=lambda: datetime.now(timezone.utc) + timedelta(days=1)
    )
    thing: Mapped[Thing] = relationship()


class Public(BaseModel):
    """A user as others see it."""

    model_config = ConfigDict(from_attributes=True)
    id: int
    email: str


class Shown(BaseModel):
    """A thing."""

    model_config = ConfigDict(from_attributes=True)
    id: int
    name: str
    status: str


class Page(BaseModel):
    """Some things."""

    items: list[Shown]
    total: int


class Several(BaseModel):
    """Which things."""

    ids: list[int]


class Naming(BaseModel):
    """What is sent of a part."""

    title: str


def hash_password(password: str) -> str:
    return f"hashed {password}"
