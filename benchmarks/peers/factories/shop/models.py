"""A customer as applications have them: ten columns, three of them under constraints."""

from __future__ import annotations

import datetime
import decimal

from sqlalchemy import CheckConstraint, DateTime, Numeric, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"
    __table_args__ = (
        CheckConstraint("credit_limit >= 0"),
        CheckConstraint("rating BETWEEN 1 AND 5"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(120), unique=True)
    first_name: Mapped[str] = mapped_column(String(40))
    last_name: Mapped[str] = mapped_column(String(40))
    city: Mapped[str] = mapped_column(String(60))
    phone: Mapped[str] = mapped_column(String(30))
    credit_limit: Mapped[decimal.Decimal] = mapped_column(Numeric(10, 2))
    rating: Mapped[int]
    is_active: Mapped[bool]
    joined_at: Mapped[datetime.datetime] = mapped_column(DateTime)
