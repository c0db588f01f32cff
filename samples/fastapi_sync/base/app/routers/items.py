"""The items of an organisation."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.authorization import AccessDep
from app.dependencies import SessionDep
from app.models import Item
from app.pagination import Page
from app.schemas.common import PageRead
from app.schemas.items import ItemCreate, ItemQuery, ItemRead, ItemUpdate
from app.services.items import ItemService

router = APIRouter(prefix="/organisations/{organisation_id}/items", tags=["items"])


@router.post("", status_code=201, response_model=ItemRead)
def create_item(
    organisation_id: UUID, data: ItemCreate, access: AccessDep, session: SessionDep
) -> Item:
    """Add an item, as a draft; 409 when its SKU is taken."""
    organisation = access.to_edit(organisation_id)
    return ItemService.of(organisation, session).create(data)


@router.get("", response_model=PageRead[ItemRead])
def list_items(
    organisation_id: UUID,
    query: Annotated[ItemQuery, Query()],
    access: AccessDep,
    session: SessionDep,
) -> Page[Item]:
    """List the items, all of them or those with one status."""
    organisation = access.to_read(organisation_id)
    return ItemService.of(organisation, session).page(query)


@router.get("/{item_id}", response_model=ItemRead)
def read_item(organisation_id: UUID, item_id: UUID, access: AccessDep, session: SessionDep) -> Item:
    """Read one item."""
    organisation = access.to_read(organisation_id)
    return ItemService.of(organisation, session).get(item_id)


@router.patch("/{item_id}", response_model=ItemRead)
def update_item(
    organisation_id: UUID,
    item_id: UUID,
    changes: ItemUpdate,
    access: AccessDep,
    session: SessionDep,
) -> Item:
    """Change an item; 409 for a step its status cannot take."""
    organisation = access.to_edit(organisation_id)
    return ItemService.of(organisation, session).update(item_id, changes)


@router.delete("/{item_id}", status_code=204)
def delete_item(
    organisation_id: UUID, item_id: UUID, access: AccessDep, session: SessionDep
) -> None:
    """Delete an item; its SKU stays taken."""
    organisation = access.to_manage(organisation_id)
    ItemService.of(organisation, session).delete(item_id)
