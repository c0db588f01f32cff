from datetime import UTC, date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, DateTime, Enum, ForeignKey, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Role(StrEnum):
    SKIPPER = "skipper"
    ADMIN = "admin"


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)


class User(Base):
    __tablename__ = "users"

    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[Role] = mapped_column(
        Enum(
            Role,
            name="role",
            native_enum=False,
            length=20,
            values_callable=lambda roles: [role.value for role in roles],
        ),
        default=Role.SKIPPER,
    )
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), default=lambda: datetime.now(UTC)
    )


class Berth(Base):
    __tablename__ = "berths"
    __table_args__ = (CheckConstraint("length_m > 0", name="length"),)

    code: Mapped[str] = mapped_column(String(10), unique=True)
    length_m: Mapped[int]


class Vessel(Base):
    __tablename__ = "vessels"
    __table_args__ = (CheckConstraint("length_m > 0", name="length"),)

    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    registration: Mapped[str] = mapped_column(String(20), unique=True)
    length_m: Mapped[int]


class Booking(Base):
    __tablename__ = "bookings"
    __table_args__ = (CheckConstraint("leaves > arrives", name="period"),)

    vessel_id: Mapped[int] = mapped_column(ForeignKey("vessels.id", ondelete="CASCADE"), index=True)
    berth_id: Mapped[int] = mapped_column(ForeignKey("berths.id"), index=True)
    arrives: Mapped[date]
    leaves: Mapped[date]
