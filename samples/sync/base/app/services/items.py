"""What may happen to items."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.errors import Conflict
from app.models import Item, ItemStatus, Organisation
from app.pagination import Page
from app.repositories.items import ItemRepository
from app.schemas.items import ItemCreate, ItemQuery, ItemUpdate


class ItemService:
    """Works on the items of one organisation."""

    def __init__(self, items: ItemRepository) -> None:
        self.items = items

    @classmethod
    def of(cls, organisation: Organisation, session: Session) -> "ItemService":
        """Return the service for the items of `organisation`."""
        return cls(ItemRepository(session, organisation.id))

    def create(self, data: ItemCreate) -> Item:
        """Add an item, as a draft. Raises Conflict when its SKU is, or was, in use."""
        return self.items.add(Item(**data.model_dump(), status=ItemStatus.DRAFT))

    def get(self, item_id: UUID) -> Item:
        """Return an item. Raises NotFound."""
        return self.items.get(item_id)

    def page(self, query: ItemQuery) -> Page[Item]:
        """Return one page of the items that `query` asks for."""
        return self.items.page(query, query.status)

    def update(self, item_id: UUID, changes: ItemUpdate) -> Item:
        """Change an item. Raises NotFound, and Conflict for a step its status cannot take.

        The status an item already has is not a step: a request can be repeated.
        """
        item = self.items.get(item_id)
        status = changes.get("status", item.status)
        if status != item.status and not item.status.can_become(status):
            raise Conflict(f"An item cannot go from {item.status.value} to {status.value}.")
        for field, value in changes.items():
            setattr(item, field, value)
        return item

    def delete(self, item_id: UUID) -> None:
        """Delete an item. Raises NotFound, also the second time."""
        self.items.delete(self.items.get(item_id))
