from uuid import UUID

from advanced_alchemy.base import UUIDv7AuditBase
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column


class Owned(UUIDv7AuditBase):
    __abstract__ = True

    owner_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))


class Member(UUIDv7AuditBase):
    __tablename__ = "member"

    username: Mapped[str] = mapped_column(String(32), unique=True)
    password: Mapped[str]


class Ticket(Owned):
    __tablename__ = "ticket"

    title: Mapped[str]
