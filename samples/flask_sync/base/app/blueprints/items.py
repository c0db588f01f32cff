"""The items of an organisation."""

from uuid import UUID

from flask import Blueprint

from app.authorization import access
from app.database import db
from app.exchange import Answer, answer, body, no_content, query
from app.schemas.common import PageRead
from app.schemas.items import ItemCreate, ItemQuery, ItemRead, ItemUpdate
from app.services.items import ItemService

items = Blueprint("items", __name__, url_prefix="/organisations/<uuid:organisation_id>/items")


@items.post("")
def create_item(organisation_id: UUID) -> Answer:
    """Add an item, as a draft; 409 when its SKU is taken."""
    organisation = access().to_edit(organisation_id)
    item = ItemService.of(organisation, db.session()).create(body(ItemCreate))
    return answer(ItemRead.of(item), 201)


@items.get("")
def list_items(organisation_id: UUID) -> Answer:
    """List the items, all of them or those with one status."""
    organisation = access().to_read(organisation_id)
    page = ItemService.of(organisation, db.session()).page(query(ItemQuery))
    return answer(PageRead[ItemRead].of(page))


@items.get("/<uuid:item_id>")
def read_item(organisation_id: UUID, item_id: UUID) -> Answer:
    """Read one item."""
    organisation = access().to_read(organisation_id)
    return answer(ItemRead.of(ItemService.of(organisation, db.session()).get(item_id)))


@items.patch("/<uuid:item_id>")
def update_item(organisation_id: UUID, item_id: UUID) -> Answer:
    """Change an item; 409 for a step its status cannot take."""
    organisation = access().to_edit(organisation_id)
    item = ItemService.of(organisation, db.session()).update(item_id, body(ItemUpdate))
    return answer(ItemRead.of(item))


@items.delete("/<uuid:item_id>")
def delete_item(organisation_id: UUID, item_id: UUID) -> Answer:
    """Delete an item; its SKU stays taken."""
    organisation = access().to_manage(organisation_id)
    ItemService.of(organisation, db.session()).delete(item_id)
    return no_content()
