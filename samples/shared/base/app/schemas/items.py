"""Items over HTTP."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints
from typing_extensions import TypedDict

from app.models import ItemStatus
from app.pagination import PageQuery
from app.schemas.common import Name, Shown

Sku = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9-]{1,40}$")]
# The upper bound is what a 32-bit column holds, rounded down.
PriceCents = Annotated[int, Field(ge=0, le=2_000_000_000)]


class ItemCreate(BaseModel):
    """A new item; it starts as a draft."""

    sku: Sku
    name: Name
    price_cents: PriceCents


class ItemUpdate(TypedDict, total=False):
    """The fields to change; one that is left out stays as it is. A SKU is for life."""

    name: Name
    price_cents: PriceCents
    status: ItemStatus


class ItemQuery(PageQuery):
    """Which items to list."""

    status: ItemStatus | None = None


class ItemRead(Shown):
    """An item as its readers see it."""

    id: UUID
    sku: str
    name: str
    price_cents: int
    status: ItemStatus
    created_at: datetime
