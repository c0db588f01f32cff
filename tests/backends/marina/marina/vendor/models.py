from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from marina.db import Base


class Vendor(Base):
    __tablename__ = "vendors"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
