"""The items of an organisation."""

from typing import Any
from uuid import UUID

from litestar import Controller, Request, delete, get, patch, post
from litestar.params import FromPath, JSONBody

from app.authorization import AccessDep
from app.dependencies import SessionDep
from app.schemas.common import PageRead
from app.schemas.items import ItemCreate, ItemQuery, ItemRead, ItemUpdate
from app.services.items import ItemService
from app.validation import changes, query


class ItemController(Controller):
    """The items of an organisation."""

    path = "/organisations/{organisation_id:uuid}/items"

    @post()
    async def create(
        self,
        organisation_id: FromPath[UUID],
        data: JSONBody[ItemCreate],
        access: AccessDep,
        session: SessionDep,
    ) -> ItemRead:
        """Add an item, as a draft; 409 when its SKU is taken."""
        organisation = await access.to_edit(organisation_id)
        return ItemRead.of(await ItemService.of(organisation, session).create(data))

    @get()
    async def page(
        self,
        organisation_id: FromPath[UUID],
        request: Request[Any, Any, Any],
        access: AccessDep,
        session: SessionDep,
    ) -> PageRead[ItemRead]:
        """List the items, all of them or those with one status."""
        organisation = await access.to_read(organisation_id)
        page = await ItemService.of(organisation, session).page(query(ItemQuery, request))
        return PageRead[ItemRead].of(page)

    @get("/{item_id:uuid}")
    async def read(
        self,
        organisation_id: FromPath[UUID],
        item_id: FromPath[UUID],
        access: AccessDep,
        session: SessionDep,
    ) -> ItemRead:
        """Read one item."""
        organisation = await access.to_read(organisation_id)
        return ItemRead.of(await ItemService.of(organisation, session).get(item_id))

    @patch("/{item_id:uuid}")
    async def update(
        self,
        organisation_id: FromPath[UUID],
        item_id: FromPath[UUID],
        data: JSONBody[dict[str, Any]],
        access: AccessDep,
        session: SessionDep,
    ) -> ItemRead:
        """Change an item; 409 for a step its status cannot take."""
        organisation = await access.to_edit(organisation_id)
        items = ItemService.of(organisation, session)
        return ItemRead.of(await items.update(item_id, changes(ItemUpdate, data)))

    @delete("/{item_id:uuid}")
    async def remove(
        self,
        organisation_id: FromPath[UUID],
        item_id: FromPath[UUID],
        access: AccessDep,
        session: SessionDep,
    ) -> None:
        """Delete an item; its SKU stays taken."""
        organisation = await access.to_manage(organisation_id)
        await ItemService.of(organisation, session).delete(item_id)
