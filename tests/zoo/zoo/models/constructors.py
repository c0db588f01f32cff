"""Classes whose constructors do not take everything."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from zoo.base import Base, DataBase


class Plain(DataBase):
    __tablename__ = "plain_data"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(20))
    note: Mapped[str | None] = mapped_column(sa.String(20))
    colour: Mapped[str] = mapped_column(sa.String(20), default="red")
    made_at: Mapped[datetime] = mapped_column(init=False, server_default=sa.func.now())


class Keyword(DataBase, kw_only=True):
    __tablename__ = "keyword_data"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default_factory=uuid.uuid4)
    tags: Mapped[list[str]] = mapped_column(sa.JSON, default_factory=list)
    number: Mapped[int] = mapped_column(unique=True)


class Holder(DataBase):
    """A parent with children, and a key that the constructor does not take."""

    __tablename__ = "holders"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    plain_id: Mapped[int] = mapped_column(ForeignKey("plain_data.id"), init=False)
    plain: Mapped[Plain] = relationship()
    held: Mapped[list["Held"]] = relationship(back_populates="holder")


class Held(DataBase):
    """The other way round: the constructor takes the key, and not the parent."""

    __tablename__ = "held"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    holder_id: Mapped[int] = mapped_column(ForeignKey("holders.id"))
    holder: Mapped[Holder] = relationship(back_populates="held", init=False)


class Closed(Base):
    """A constructor of its own, with names of its own."""

    __tablename__ = "closed"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(20))
    size: Mapped[int]

    def __init__(self, name: str) -> None:
        self.name = name


class Stamped(Base):
    """A constructor that passes on what it is given."""

    __tablename__ = "stamped"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(20))

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.name = self.name.strip()
