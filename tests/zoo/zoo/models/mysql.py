"""What only MySQL and MariaDB have."""

import sqlalchemy as sa
from sqlalchemy import CheckConstraint
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import Mapped, mapped_column

from zoo.base import Base


class Dialect(Base):
    __tablename__ = "dialect"

    id: Mapped[int] = mapped_column(mysql.BIGINT(unsigned=True), primary_key=True)
    tiny: Mapped[int] = mapped_column(mysql.TINYINT, unique=True)
    medium: Mapped[int] = mapped_column(mysql.MEDIUMINT(unsigned=True))
    year: Mapped[int] = mapped_column(mysql.YEAR)
    kind: Mapped[str] = mapped_column(mysql.ENUM("a", "b"))
    flags: Mapped[set[str]] = mapped_column(mysql.SET("x", "y"))
    digest: Mapped[bytes] = mapped_column(sa.BINARY(16), unique=True)
    double: Mapped[float] = mapped_column(mysql.DOUBLE)
    text: Mapped[str] = mapped_column(mysql.MEDIUMTEXT)


class Regular(Base):
    __tablename__ = "regular"
    __table_args__ = (
        CheckConstraint("plate REGEXP '^[A-Z]{1,3}-[0-9]{4}$'"),
        CheckConstraint("iso REGEXP '^[A-Z]{2}$'"),
        CheckConstraint("char_length(pin) = 4"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plate: Mapped[str] = mapped_column(sa.String(10), unique=True)
    iso: Mapped[str] = mapped_column(sa.String(2))
    pin: Mapped[str] = mapped_column(sa.String(10))
