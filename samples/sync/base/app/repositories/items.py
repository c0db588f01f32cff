"""Items in the database. All of it is within one organisation, and without deleted items."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import Conflict, NotFound
from app.models import Item, ItemStatus
from app.models.base import utc_now
from app.pagination import Page, PageQuery, fetch_page


class ItemRepository:
    """Reads and writes the items of one organisation."""

    def __init__(self, session: Session, organisation_id: UUID) -> None:
        self.session = session
        self.organisation_id = organisation_id

    def _existing(self) -> Select[Any]:
        return select(Item).where(
            Item.organisation_id == self.organisation_id, Item.deleted_at.is_(None)
        )

    def add(self, item: Item) -> Item:
        """Store a new item. Raises Conflict when its SKU is, or was, in use."""
        item.organisation_id = self.organisation_id
        self.session.add(item)
        try:
            self.session.flush()
        # Looking for the SKU beforehand would let two simultaneous requests both find it free.
        except IntegrityError as error:
            raise Conflict(f"The SKU {item.sku} is taken.") from error
        return item

    def get(self, item_id: UUID) -> Item:
        """Return an item. Raises NotFound, also for the item of another organisation."""
        item: Item | None = self.session.scalar(self._existing().where(Item.id == item_id))
        if item is None:
            raise NotFound("No such item.")
        return item

    def page(self, query: PageQuery, status: ItemStatus | None = None) -> Page[Item]:
        """Return one page of the items, or of those with `status`, by SKU."""
        statement = self._existing().order_by(Item.sku)
        if status is not None:
            statement = statement.where(Item.status == status)
        return fetch_page(self.session, statement, query)

    def delete(self, item: Item) -> None:
        """Mark an item as deleted: no method here finds it from now on."""
        item.deleted_at = utc_now()
        self.session.flush()
