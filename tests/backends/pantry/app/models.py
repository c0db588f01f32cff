from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Base


class Keeper(Base):
    __tablename__ = "keepers"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))


class Session(Base):
    __tablename__ = "sessions"

    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    keeper_id: Mapped[int] = mapped_column(ForeignKey("keepers.id", ondelete="CASCADE"))
    ends_at: Mapped[datetime]

    keeper: Mapped[Keeper] = relationship(lazy="joined")


class Jar(Base):
    __tablename__ = "jars"
    __table_args__ = (
        UniqueConstraint("keeper_id", "label", name="uq_jars_keeper_id_label"),
        CheckConstraint("grams >= 0", name="ck_jars_grams"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    keeper_id: Mapped[int] = mapped_column(ForeignKey("keepers.id", ondelete="CASCADE"), index=True)
    label: Mapped[str] = mapped_column(String(60))
    grams: Mapped[int]

    keeper: Mapped[Keeper] = relationship()
