"""The tables of an application that does what each pattern asks for."""

from __future__ import annotations

import enum
import secrets
from datetime import datetime

from sqlalchemy import DateTime, Enum, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Status(str, enum.Enum):
    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"


NEXT = {Status.DRAFT: [Status.ACTIVE], Status.ACTIVE: [Status.ARCHIVED], Status.ARCHIVED: []}


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    password: Mapped[str] = mapped_column(String(80))
    key: Mapped[str] = mapped_column(String(40), default=lambda: secrets.token_hex(16))


class Shelf(Base):
    __tablename__ = "shelves"
    id: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(String(40))


class Item(Base):
    __tablename__ = "items"
    __table_args__ = (UniqueConstraint("owner_id", "sku"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    shelf_id: Mapped[int | None] = mapped_column(ForeignKey("shelves.id"))
    sku: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(40))
    status: Mapped[Status] = mapped_column(Enum(Status), default=Status.DRAFT)
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    owner: Mapped[User] = relationship()
    shelf: Mapped[Shelf | None] = relationship()


def hash_password(password: str) -> str:
    return f"hashed {password}"
