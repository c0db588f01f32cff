"""Primary keys that nobody numbers."""

import uuid
from datetime import date

import sqlalchemy as sa
from sqlalchemy import ForeignKey, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from zoo.base import Base


class BigKey(Base):
    __tablename__ = "big_keys"

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(20))


class BigKeyVariant(Base):
    __tablename__ = "big_key_variants"

    id: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True
    )


class BigChild(Base):
    __tablename__ = "big_children"

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    parent_id: Mapped[int] = mapped_column(ForeignKey("big_keys.id"))
    parent: Mapped[BigKey] = relationship()


class Currency(Base):
    """A natural key."""

    __tablename__ = "currencies"

    code: Mapped[str] = mapped_column(sa.CHAR(3), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(40))


class Price(Base):
    """Refers to a natural key, and to what is no primary key."""

    __tablename__ = "prices"

    id: Mapped[int] = mapped_column(primary_key=True)
    currency_code: Mapped[str] = mapped_column(ForeignKey("currencies.code"))
    holder_email: Mapped[str] = mapped_column(sa.String(80), ForeignKey("names.email"))
    currency: Mapped[Currency] = relationship()


class Uncounted(Base):
    __tablename__ = "uncounted"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class UuidKey(Base):
    __tablename__ = "uuid_keys"

    id: Mapped[uuid.UUID] = mapped_column(sa.Uuid, primary_key=True)


class Composite(Base):
    __tablename__ = "composite_keys"

    region: Mapped[str] = mapped_column(sa.String(2), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)


class CompositeChild(Base):
    __tablename__ = "composite_children"
    __table_args__ = (
        ForeignKeyConstraint(
            ["region", "number", "day"],
            ["composite_keys.region", "composite_keys.number", "composite_keys.day"],
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    region: Mapped[str] = mapped_column(sa.String(2))
    number: Mapped[int]
    day: Mapped[date]
    parent: Mapped[Composite] = relationship()


class CompositeOrphan(Base):
    """The same, and no relationship."""

    __tablename__ = "composite_orphans"
    __table_args__ = (
        ForeignKeyConstraint(
            ["region", "number", "day"],
            ["composite_keys.region", "composite_keys.number", "composite_keys.day"],
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    region: Mapped[str] = mapped_column(sa.String(2))
    number: Mapped[int]
    day: Mapped[date]
