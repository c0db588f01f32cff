"""What only SQLite has."""

import sqlalchemy as sa
from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from zoo.base import Base


class Globbed(Base):
    __tablename__ = "globbed"
    __table_args__ = (
        CheckConstraint("word GLOB '[a-z]*'"),
        CheckConstraint("json_valid(document)"),
        CheckConstraint("typeof(word) = 'text' OR word IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(sa.String(20))
    document: Mapped[dict[str, str]] = mapped_column(sa.JSON)
