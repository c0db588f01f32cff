from datetime import datetime

from sqlalchemy import ForeignKey, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, MappedAsDataclass, mapped_column

from payments.database import Base


class Dated(MappedAsDataclass):
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), init=False)


class Account(Dated, Base):
    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    email: Mapped[str] = mapped_column(unique=True)
    encrypted_password: Mapped[str]


class Payment(Dated, Base):
    __tablename__ = "payments"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    details: Mapped[dict] = mapped_column(JSONB)
