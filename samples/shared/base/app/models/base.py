"""What all tables share: names of constraints, and types that behave alike on every database."""

from datetime import datetime, timezone
from enum import Enum
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import DeclarativeBase


def utc_now() -> datetime:
    """Return the current time, aware of its time zone."""
    return datetime.now(timezone.utc)


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """A moment in time: aware on the way in and out, also where the database drops the zone."""

    # MySQL keeps whole seconds unless it is told otherwise.
    impl = sa.DateTime(timezone=True).with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Return `value` in UTC. Raises ValueError for a naive one: nobody knows when that is."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value and value.astimezone(timezone.utc)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Return the stored moment, aware and in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            return value.replace(tzinfo=timezone.utc)
        return value.astimezone(timezone.utc)


def checked_enum(values: type[Enum], name: str) -> sa.Enum:
    """Return a text column type that holds the values of an enum, checked by a constraint.

    PostgreSQL's own enum types cannot lose a value once they have it; a CHECK can be replaced.
    """
    return sa.Enum(
        values,
        name=name,
        length=20,
        native_enum=False,
        create_constraint=True,
        values_callable=lambda members: [member.value for member in members],
    )


class Base(DeclarativeBase):
    """The base of all models."""

    # Migrations can only alter a constraint whose name they know.
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {datetime: UtcDateTime}
