"""What only PostgreSQL has."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Identity
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.orm import Mapped, mapped_column

from zoo.base import Base


class Dialect(Base):
    __tablename__ = "dialect"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    document: Mapped[dict[str, Any]] = mapped_column(pg.JSONB)
    tags: Mapped[list[str]] = mapped_column(pg.ARRAY(sa.String(20)))
    matrix: Mapped[list[list[int]]] = mapped_column(pg.ARRAY(sa.Integer, dimensions=2))
    address: Mapped[str] = mapped_column(pg.INET, unique=True)
    network: Mapped[str] = mapped_column(pg.CIDR)
    hardware: Mapped[str] = mapped_column(pg.MACADDR)
    period: Mapped[timedelta] = mapped_column(pg.INTERVAL)
    span: Mapped[Any] = mapped_column(pg.INT4RANGE)
    days: Mapped[Any] = mapped_column(pg.DATERANGE)
    times: Mapped[Any] = mapped_column(pg.TSTZRANGE)
    many: Mapped[Any] = mapped_column(pg.INT4MULTIRANGE)
    search: Mapped[str] = mapped_column(
        pg.TSVECTOR, sa.Computed("to_tsvector('english', 'word')", persisted=True)
    )
    kind: Mapped[str] = mapped_column(pg.ENUM("a", "b", name="dialect_kind"))
    key: Mapped[Any] = mapped_column(
        pg.UUID(as_uuid=True), server_default=sa.text("gen_random_uuid()")
    )


class Regular(Base):
    __tablename__ = "regular"
    __table_args__ = (
        CheckConstraint("plate ~ '^[A-Z]{1,3}-[0-9]{4}$'"),
        CheckConstraint("hex ~* '^#[0-9a-f]{6}$'"),
        CheckConstraint("iso ~ '^[A-Z]{2}$'"),
        CheckConstraint("slug !~ '[^a-z0-9-]'"),
        CheckConstraint("status = ANY (ARRAY['new'::text, 'old'::text])"),
        CheckConstraint("cardinality(tags) > 0"),
        CheckConstraint("jsonb_typeof(items) = 'array'"),
        CheckConstraint("num_nonnulls(a, b, c) = 1"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plate: Mapped[str] = mapped_column(sa.String(10), unique=True)
    hex: Mapped[str] = mapped_column(sa.String(7))
    iso: Mapped[str] = mapped_column(sa.String(2), unique=True)
    slug: Mapped[str] = mapped_column(sa.String(20))
    status: Mapped[str] = mapped_column(sa.Text)
    tags: Mapped[list[str]] = mapped_column(pg.ARRAY(sa.Text))
    items: Mapped[Any] = mapped_column(pg.JSONB)
    a: Mapped[int | None]
    b: Mapped[int | None]
    c: Mapped[int | None]
