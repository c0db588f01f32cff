"""The tables of an application whose routes do what others must not see."""

from __future__ import annotations

import enum
import secrets

from sqlalchemy import Column, Enum, ForeignKey, String, Table, UniqueConstraint, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class AuditBase(DeclarativeBase):
    pass


class Role(str, enum.Enum):
    READER = "reader"
    EDITOR = "editor"
    OWNER = "owner"


class Team(Base):
    __tablename__ = "teams"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    password: Mapped[str] = mapped_column(String(80))
    key: Mapped[str] = mapped_column(String(40), default=lambda: secrets.token_hex(16))
    is_active: Mapped[bool] = mapped_column(default=True)


class Membership(Base):
    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("user_id", "team_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    role: Mapped[Role] = mapped_column(Enum(Role))
    user: Mapped[User] = relationship()
    team: Mapped[Team] = relationship()


class Token(Base):
    __tablename__ = "tokens"
    value: Mapped[str] = mapped_column(String(40), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class Item(Base):
    __tablename__ = "items"
    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(40))
    team: Mapped[Team] = relationship()


class Impossible(Base):
    __tablename__ = "impossible"
    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))


@event.listens_for(Impossible, "before_insert")
def refuse(*_: object) -> None:
    raise TypeError("nobody makes one of these")


labels = Table("labels", Base.metadata, Column("name", String(20), nullable=False))


class Entry(AuditBase):
    __tablename__ = "entries"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(40))


def hash_password(password: str) -> str:
    return f"hashed {password}"
