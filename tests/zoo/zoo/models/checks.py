"""CHECK constraints."""

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from zoo.base import Base


class Compared(Base):
    __tablename__ = "compared"
    __table_args__ = (
        CheckConstraint("positive > 0"),
        CheckConstraint("negative < 0"),
        CheckConstraint("percent >= 0 AND percent <= 100"),
        CheckConstraint("far BETWEEN 5000 AND 6000"),
        CheckConstraint("rate > 0 AND rate < 1"),
        CheckConstraint("odd % 2 = 1"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    positive: Mapped[int]
    negative: Mapped[int]
    percent: Mapped[Decimal] = mapped_column(sa.Numeric(5, 2))
    far: Mapped[int] = mapped_column(unique=True)
    rate: Mapped[float]
    odd: Mapped[int]


class Chosen(Base):
    __tablename__ = "chosen"
    __table_args__ = (
        CheckConstraint("status IN ('new', 'paid', 'sent')"),
        CheckConstraint("kind = 'a' OR kind = 'b'"),
        CheckConstraint("NOT (size = 1 OR size = 2)"),
        CheckConstraint("length(name) BETWEEN 12 AND 14"),
        CheckConstraint("lower(code) = code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(sa.String(20))
    kind: Mapped[str] = mapped_column(sa.String(1))
    size: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(20), unique=True)
    code: Mapped[str] = mapped_column(sa.String(20), unique=True)


class Patterned(Base):
    __tablename__ = "patterned"
    __table_args__ = (
        CheckConstraint("sku LIKE 'SKU-%'"),
        CheckConstraint("address LIKE '%_@_%.__%'"),
        CheckConstraint("word NOT LIKE '% %'"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(sa.String(20), unique=True)
    address: Mapped[str] = mapped_column(sa.String(50))
    word: Mapped[str] = mapped_column(sa.String(50))


class Between(Base):
    """Checks that hold columns against each other."""

    __tablename__ = "between_columns"
    __table_args__ = (
        CheckConstraint("ends_on > starts_on"),
        CheckConstraint("low < middle AND middle < high"),
        CheckConstraint("net + tax = gross"),
        CheckConstraint("left_at >= came_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    low: Mapped[int]
    middle: Mapped[int]
    high: Mapped[int]
    net: Mapped[Decimal] = mapped_column(sa.Numeric(8, 2))
    tax: Mapped[Decimal] = mapped_column(sa.Numeric(8, 2))
    gross: Mapped[Decimal] = mapped_column(sa.Numeric(8, 2))
    came_at: Mapped[datetime]
    left_at: Mapped[datetime]


class Conditional(Base):
    """Checks that speak of what is empty."""

    __tablename__ = "conditional"
    __table_args__ = (
        CheckConstraint("(status = 'cancelled') = (cancelled_at IS NOT NULL)"),
        CheckConstraint("email IS NOT NULL OR phone IS NOT NULL"),
        CheckConstraint("(a IS NULL) <> (b IS NULL)"),
        CheckConstraint("CASE WHEN status = 'open' THEN weight > 3 ELSE weight = 0 END"),
        CheckConstraint("COALESCE(discount, 0) <= 50"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(sa.String(20), default="open")
    cancelled_at: Mapped[datetime | None]
    email: Mapped[str | None] = mapped_column(sa.String(50))
    phone: Mapped[str | None] = mapped_column(sa.String(50))
    a: Mapped[int | None]
    b: Mapped[int | None]
    weight: Mapped[int]
    discount: Mapped[int | None]


class Expressed(Base):
    """Checks that are written as expressions, not as text."""

    __tablename__ = "expressed"

    id: Mapped[int] = mapped_column(primary_key=True)
    stars: Mapped[int] = mapped_column(sa.Integer, CheckConstraint("stars BETWEEN 1 AND 5"))
    year: Mapped[int]
    grade: Mapped[str] = mapped_column(sa.String(1))

    __table_args__ = (
        CheckConstraint(sa.and_(sa.column("year") > 1900, sa.column("year") < 2100)),
        CheckConstraint(sa.column("grade").in_(["A", "B", "C"])),
    )


class Ranked(Base):
    """A unique column that has few values."""

    __tablename__ = "ranked"
    __table_args__ = (CheckConstraint("place BETWEEN 1 AND 3"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(unique=True)
