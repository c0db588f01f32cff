"""Columns of every kind that all engines have."""

import enum
import uuid
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, column_property, composite, mapped_column, synonym, validates

from zoo.base import Base


class Colour(enum.Enum):
    RED = "red"
    GREEN = "green"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Lengths(Base):
    __tablename__ = "lengths"

    id: Mapped[int] = mapped_column(primary_key=True)
    one: Mapped[str] = mapped_column(sa.String(1))
    three: Mapped[str] = mapped_column(sa.String(3))
    eight: Mapped[str] = mapped_column(sa.String(8))
    exactly: Mapped[str] = mapped_column(sa.CHAR(5))
    long: Mapped[str] = mapped_column(sa.Text)
    wide: Mapped[str] = mapped_column(sa.Unicode(20))


class Names(Base):
    """Columns whose names say what is in them."""

    __tablename__ = "names"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(80), unique=True)
    website_url: Mapped[str] = mapped_column(sa.String(200))
    phone: Mapped[str] = mapped_column(sa.String(20), unique=True)
    slug: Mapped[str] = mapped_column(sa.String(40), unique=True)
    username: Mapped[str] = mapped_column(sa.String(30), unique=True)
    country_code: Mapped[str] = mapped_column(sa.String(2))
    currency: Mapped[str] = mapped_column(sa.CHAR(3))
    language: Mapped[str] = mapped_column(sa.String(5))
    timezone: Mapped[str] = mapped_column(sa.String(40))
    colour: Mapped[str] = mapped_column(sa.String(7))
    ip_address: Mapped[str] = mapped_column(sa.String(45))
    zip_code: Mapped[str] = mapped_column(sa.String(10))
    api_token: Mapped[str] = mapped_column(sa.String(64), unique=True)
    file_name: Mapped[str] = mapped_column(sa.String(255))
    first_name: Mapped[str] = mapped_column(sa.String(50))
    title: Mapped[str] = mapped_column(sa.String(10))


class Numbers(Base):
    __tablename__ = "numbers"

    id: Mapped[int] = mapped_column(primary_key=True)
    small: Mapped[int] = mapped_column(sa.SmallInteger, unique=True)
    normal: Mapped[int]
    big: Mapped[int] = mapped_column(sa.BigInteger, unique=True)
    ratio: Mapped[float]
    price: Mapped[Decimal] = mapped_column(sa.Numeric(10, 2))
    rate: Mapped[Decimal] = mapped_column(sa.Numeric(5, 4))
    fraction: Mapped[Decimal] = mapped_column(sa.Numeric(3, 3))
    counter: Mapped[Decimal] = mapped_column(sa.Numeric(6, 0), unique=True)
    as_float: Mapped[float] = mapped_column(sa.Numeric(8, 2, asdecimal=False))
    flag: Mapped[bool]
    is_active: Mapped[bool]


class Moments(Base):
    __tablename__ = "moments"

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date]
    naive: Mapped[datetime] = mapped_column(sa.DateTime)
    aware: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    clock: Mapped[time]
    period: Mapped[timedelta] = mapped_column(sa.Interval)
    expires_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    unique_day: Mapped[date] = mapped_column(unique=True)
    unique_moment: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), unique=True)


class Enums(Base):
    __tablename__ = "enums"

    id: Mapped[int] = mapped_column(primary_key=True)
    native: Mapped[Colour] = mapped_column(sa.Enum(Colour, name="colour"))
    text: Mapped[Colour] = mapped_column(
        sa.Enum(Colour, name="colour_text", native_enum=False, create_constraint=True)
    )
    by_value: Mapped[Colour] = mapped_column(
        sa.Enum(
            Colour,
            name="colour_value",
            native_enum=False,
            create_constraint=True,
            values_callable=lambda members: [member.value for member in members],
        )
    )
    level: Mapped[Level] = mapped_column(sa.Enum(Level, name="level"))
    strings: Mapped[str] = mapped_column(sa.Enum("draft", "final", name="strings"))


class Documents(Base):
    __tablename__ = "documents"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    data: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    items: Mapped[list[str]] = mapped_column(sa.JSON)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)
    pickled: Mapped[Any] = mapped_column(sa.PickleType)
    other_id: Mapped[uuid.UUID] = mapped_column(sa.Uuid, unique=True)
    as_text: Mapped[str] = mapped_column(sa.Uuid(as_uuid=False))


class Defaults(Base):
    """Nothing of it has to be given."""

    __tablename__ = "defaults"

    id: Mapped[int] = mapped_column(primary_key=True)
    plain: Mapped[str] = mapped_column(sa.String(10), default="plain")
    function: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True),
        default=lambda: datetime.now(timezone.utc).replace(microsecond=0),
    )
    server: Mapped[str] = mapped_column(sa.String(10), server_default="server")
    moment: Mapped[datetime] = mapped_column(sa.DateTime, server_default=sa.func.now())
    changed: Mapped[datetime | None] = mapped_column(sa.DateTime, onupdate=sa.func.now())
    empty: Mapped[str | None] = mapped_column(sa.String(10))


class Computed(Base):
    __tablename__ = "computed"

    id: Mapped[int] = mapped_column(primary_key=True)
    side: Mapped[int]
    area: Mapped[int] = mapped_column(sa.Computed("side * side"))


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """Refuses a moment without a zone."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(value)
        return value and value.astimezone(timezone.utc).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return value and value.replace(tzinfo=timezone.utc)


class Cents(sa.types.TypeDecorator[Decimal]):
    """A price that is kept as a number of cents."""

    impl = sa.Integer
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: sa.Dialect) -> int | None:
        return None if value is None else int(value * 100)

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> Decimal | None:
        return None if value is None else Decimal(value) / 100


class Tags(sa.types.TypeDecorator[list[str]]):
    """A list that is kept as a text."""

    impl = sa.String(200)
    cache_ok = True

    def process_bind_param(self, value: list[str] | None, dialect: sa.Dialect) -> str | None:
        if value is not None and not isinstance(value, list):
            raise TypeError(value)
        return None if value is None else ",".join(value)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> list[str] | None:
        return None if value is None else value.split(",") if value else []


class Decorated(Base):
    __tablename__ = "decorated"

    id: Mapped[int] = mapped_column(primary_key=True)
    moment: Mapped[datetime] = mapped_column(UtcDateTime)
    price: Mapped[Decimal] = mapped_column(Cents)
    tags: Mapped[list[str]] = mapped_column(Tags)


class Validated(Base):
    __tablename__ = "validated"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(100))
    age: Mapped[int]
    code: Mapped[str] = mapped_column(sa.String(20))
    role: Mapped[str] = mapped_column(sa.String(20))

    @validates("email")
    def has_an_at(self, key: str, value: str) -> str:
        if "@" not in value:
            raise ValueError(value)
        return value.lower()

    @validates("age")
    def is_grown_up(self, key: str, value: int) -> int:
        if value < 18:
            raise ValueError(value)
        return value

    @validates("code")
    def is_in_capitals(self, key: str, value: str) -> str:
        if value != value.upper():
            raise ValueError(value)
        return value


class Renamed(Base):
    """Attributes that are called otherwise than their columns, and some that are no columns."""

    __tablename__ = "renamed"

    identifier: Mapped[int] = mapped_column("id", primary_key=True)
    _secret: Mapped[str] = mapped_column("secret", sa.String(20))
    title: Mapped[str] = mapped_column("ttl", sa.String(20))
    width: Mapped[int]
    caption = synonym("title")
    doubled = column_property(sa.literal_column("width * 2", sa.Integer))

    @property
    def secret(self) -> str:
        return self._secret

    @hybrid_property
    def is_wide(self) -> bool:
        return self.width > 10


class Point:
    def __init__(self, x: int, y: int) -> None:
        self.x, self.y = x, y

    def __composite_values__(self) -> tuple[int, int]:
        return self.x, self.y


class Vertex(Base):
    __tablename__ = "vertices"

    id: Mapped[int] = mapped_column(primary_key=True)
    x: Mapped[int]
    y: Mapped[int]
    point: Mapped[Point] = composite(Point, "x", "y")


class Erased(Base):
    """A row that is marked as deleted instead of going away."""

    __tablename__ = "erased"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(20))
    is_deleted: Mapped[bool]
    deleted_at: Mapped[datetime | None]


class Hidden(Base):
    """Attributes whose names Python and factory_boy each have another use for."""

    __tablename__ = "hidden"

    id: Mapped[int] = mapped_column(primary_key=True)
    __name: Mapped[str] = mapped_column("name", sa.String(20), unique=True)
    first__part: Mapped[str] = mapped_column(sa.String(20))


class Words(sa.types.TypeDecorator):
    """Words with commas between them; NULL for none."""

    impl = sa.String(80)
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return ",".join(value) if value else None

    def process_result_value(self, value, dialect):
        return value.split(",") if value else None


class Empty(Base):
    """Columns that keep what stands for nothing as something else."""

    __tablename__ = "empties"

    id: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[Any] = mapped_column(sa.JSON, nullable=True, default=sa.JSON.NULL)
    words: Mapped[Any] = mapped_column(Words, nullable=True, default=list)
