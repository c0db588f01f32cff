"""The items of an organisation."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.access import OrganisationToEdit, OrganisationToManage, OrganisationToRead
from app.database import SessionDep
from app.models import Item, Organisation
from app.pagination import Page
from app.repositories.items import ItemRepository
from app.schemas.common import PageRead
from app.schemas.items import ItemCreate, ItemQuery, ItemRead, ItemUpdate
from app.services.items import ItemService

router = APIRouter(prefix="/organisations/{organisation_id}/items", tags=["items"])


def items_of(organisation: Organisation, session: SessionDep) -> ItemService:
    """Return the service for the items of `organisation`."""
    return ItemService(ItemRepository(session, organisation.id))


@router.post("", status_code=201, response_model=ItemRead)
def create_item(organisation: OrganisationToEdit, data: ItemCreate, session: SessionDep) -> Item:
    """Add an item, as a draft; 409 when its SKU is taken."""
    return items_of(organisation, session).create(data)


@router.get("", response_model=PageRead[ItemRead])
def list_items(
    organisation: OrganisationToRead, query: Annotated[ItemQuery, Query()], session: SessionDep
) -> Page[Item]:
    """List the items, all of them or those with one status."""
    return items_of(organisation, session).page(query)


@router.get("/{item_id}", response_model=ItemRead)
def read_item(organisation: OrganisationToRead, item_id: UUID, session: SessionDep) -> Item:
    """Read one item."""
    return items_of(organisation, session).get(item_id)


@router.patch("/{item_id}", response_model=ItemRead)
def update_item(
    organisation: OrganisationToEdit, item_id: UUID, changes: ItemUpdate, session: SessionDep
) -> Item:
    """Change an item; 409 for a step its status cannot take."""
    return items_of(organisation, session).update(item_id, changes)


@router.delete("/{item_id}", status_code=204)
def delete_item(organisation: OrganisationToManage, item_id: UUID, session: SessionDep) -> None:
    """Delete an item; its SKU stays taken."""
    items_of(organisation, session).delete(item_id)
