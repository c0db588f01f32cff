"""As many tables as TABLES says: that of the users, and others that refer to it."""

from __future__ import annotations

import os

from sqlalchemy import Column, ForeignKey, Integer, String, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """The declarative base."""


class User(Base):
    """A user; one email is one user."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(100), unique=True)
    name: Mapped[str] = mapped_column(String(100))


for number in range(1, int(os.environ.get("TABLES", "10"))):
    Table(
        f"things_{number}",
        Base.metadata,
        Column("id", Integer, primary_key=True),
        Column("name", String(100), nullable=False),
        Column("user_id", ForeignKey("users.id"), nullable=False),
    )
