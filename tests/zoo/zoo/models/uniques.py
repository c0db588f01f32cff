"""Unique columns, alone and together."""

import enum
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from zoo.base import Base
from zoo.models.columns import Colour


class Kind(enum.Enum):
    FIRST = "first"
    SECOND = "second"


class Single(Base):
    __tablename__ = "single"

    id: Mapped[int] = mapped_column(primary_key=True)
    short: Mapped[str] = mapped_column(sa.String(2), unique=True)
    fixed: Mapped[str] = mapped_column(sa.CHAR(4), unique=True)
    defaulted: Mapped[str] = mapped_column(sa.String(20), default="same", unique=True)
    optional: Mapped[str | None] = mapped_column(sa.String(20), unique=True)


class Limited(Base):
    """There can be only three rows."""

    __tablename__ = "limited"

    id: Mapped[int] = mapped_column(primary_key=True)
    colour: Mapped[Colour] = mapped_column(sa.Enum(Colour, name="limited_colour"), unique=True)


class Indexed(Base):
    __tablename__ = "indexed"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(30))
    year: Mapped[int]
    quarter: Mapped[int]

    __table_args__ = (
        Index("ux_name", "name", unique=True),
        Index("ux_when", "year", "quarter", unique=True),
    )


class Shop(Base):
    __tablename__ = "shops"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(30), unique=True)


class Article(Base):
    """Unique within its parent, in several ways."""

    __tablename__ = "articles"
    __table_args__ = (
        UniqueConstraint("shop_id", "number"),
        UniqueConstraint("shop_id", "position"),
        UniqueConstraint("shop_id", "kind", "valid_from"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shops.id"))
    number: Mapped[str] = mapped_column(sa.String(10))
    position: Mapped[int]
    kind: Mapped[Kind] = mapped_column(sa.Enum(Kind, name="article_kind"))
    valid_from: Mapped[date]
    shop: Mapped[Shop] = relationship()


class Opening(Base):
    """Unique by its parent and a choice of two."""

    __tablename__ = "openings"
    __table_args__ = (UniqueConstraint("shop_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shops.id"))
    kind: Mapped[Kind] = mapped_column(sa.Enum(Kind, name="opening_kind"))
    shop: Mapped[Shop] = relationship()


class PriceOfDay(Base):
    """Unique by a choice of two that a CHECK makes, and by what is free, in either order."""

    __tablename__ = "prices_of_days"
    __table_args__ = (
        CheckConstraint("kind IN ('list', 'offer')"),
        UniqueConstraint("kind", "day"),
        UniqueConstraint("valid_from", "kind"),
        UniqueConstraint("kind", "is_net", "noted_at"),
        UniqueConstraint("label", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(8))
    is_net: Mapped[bool]
    day: Mapped[int]
    valid_from: Mapped[date]
    noted_at: Mapped[datetime]
    label: Mapped[str] = mapped_column(sa.String(20))


class Weekday(Base):
    """Unique by a number of few values and one of many."""

    __tablename__ = "weekdays"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6"),
        UniqueConstraint("weekday", "week"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    weekday: Mapped[int]
    week: Mapped[int]


class Choice(Base):
    """There can be few rows, for nothing is free."""

    __tablename__ = "choices"
    __table_args__ = (
        CheckConstraint("kind IN ('list', 'offer', 'gift')"),
        UniqueConstraint("is_main", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    is_main: Mapped[bool]
    kind: Mapped[str] = mapped_column(sa.String(8))
