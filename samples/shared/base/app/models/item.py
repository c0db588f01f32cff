"""Items: what an organisation offers."""

from datetime import datetime
from enum import Enum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base, checked_enum, utc_now
from app.models.organisation import Organisation


class ItemStatus(str, Enum):
    """The stages of an item's life, in their order."""

    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"

    def can_become(self, next_status: "ItemStatus") -> bool:
        """Tell whether an item may go from here to `next_status`: one stage on, never back."""
        stages = list(ItemStatus)
        return stages.index(next_status) == stages.index(self) + 1


class Item(Base):
    """Something with a price. A deleted item keeps its row, and so its SKU."""

    __tablename__ = "items"
    __table_args__ = (
        # Deleted items count too: a SKU on an old invoice must never mean something new.
        UniqueConstraint("organisation_id", "sku"),
        CheckConstraint("price_cents >= 0", name="price_cents_not_negative"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organisation_id: Mapped[UUID] = mapped_column(
        ForeignKey("organisations.id", ondelete="CASCADE")
    )
    sku: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(100))
    price_cents: Mapped[int]
    status: Mapped[ItemStatus] = mapped_column(
        checked_enum(ItemStatus, "status"), default=ItemStatus.DRAFT
    )
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    deleted_at: Mapped[datetime | None]

    # "raise": a query that needs it says so, instead of one more query per row.
    organisation: Mapped[Organisation] = relationship(lazy="raise")
