"""Types of the application's own, each under a CHECK, so that what is stored has to be known."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator, UserDefinedType

from zoo.base import Base
from zoo.models.columns import Colour


class Trimmed(TypeDecorator):
    """Leaves what is sent to its impl, as every text of SQLModel does."""

    impl = sa.String(20)
    cache_ok = True

    def process_result_value(self, value, dialect):
        return value and value.strip()


class OfDialect(Trimmed):
    def load_dialect_impl(self, dialect):
        return dialect.type_descriptor(sa.String(30))

    def coerce_compared_value(self, op, value):
        return self


class Written(TypeDecorator):
    """A UUID that the application writes as text, on each database as it keeps them."""

    impl = sa.CHAR
    cache_ok = True

    def load_dialect_impl(self, dialect):
        kind = sa.Uuid() if dialect.name == "postgresql" else sa.CHAR(36)
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value, dialect):
        return UUID(value) if value and dialect.name == "postgresql" else value

    def process_result_value(self, value, dialect):
        return value and str(value)


class Twice(TypeDecorator):
    """A decorator around a decorator."""

    impl = Trimmed
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return value and value * 2

    def process_result_value(self, value, dialect):
        return value and value[: len(value) // 2]


class Painted(TypeDecorator):
    impl = sa.Enum(Colour, native_enum=False)
    cache_ok = True


class Doubled(TypeDecorator):
    """Has processors, and no `process_...`."""

    impl = sa.Integer
    cache_ok = True

    def bind_processor(self, dialect):
        return lambda value: value and value * 2

    def result_processor(self, dialect, coltype):
        return lambda value: value and value // 2


class Swapped(UserDefinedType):
    """Of no type that SQLAlchemy knows."""

    cache_ok = True

    def get_col_spec(self, **kw):
        return "VARCHAR(20)"

    def bind_processor(self, dialect):
        return lambda value: value and value.swapcase()

    def result_processor(self, dialect, coltype):
        return lambda value: value and value.swapcase()


class OfOwnTypes(Base):
    __tablename__ = "of_own_types"

    id: Mapped[int] = mapped_column(primary_key=True)
    trimmed: Mapped[str] = mapped_column(Trimmed)
    of_dialect: Mapped[str] = mapped_column(OfDialect)
    twice: Mapped[str] = mapped_column(Twice)
    painted: Mapped[Colour] = mapped_column(Painted)
    doubled: Mapped[int] = mapped_column(Doubled)
    swapped: Mapped[str] = mapped_column(Swapped)
    took: Mapped[timedelta] = mapped_column(sa.Interval)

    __table_args__ = (
        CheckConstraint("trimmed IN ('list', 'offer')"),
        CheckConstraint("of_dialect IN ('list', 'offer')"),
        CheckConstraint("length(twice) > 1"),
        CheckConstraint("painted = 'GREEN'"),
        CheckConstraint("doubled = 20"),
        CheckConstraint("substr(swapped, 1, 1) = 's'"),
        CheckConstraint("took IS NOT NULL"),
    )


class Ticket(Base):
    __tablename__ = "tickets"

    id: Mapped[int] = mapped_column(primary_key=True)
    holder: Mapped[str] = mapped_column(Written, unique=True)
    seen_by: Mapped[str] = mapped_column(Written)
