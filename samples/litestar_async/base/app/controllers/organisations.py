"""Organisations."""

from typing import Any
from uuid import UUID

from litestar import Controller, Request, get, patch, post
from litestar.params import FromPath, JSONBody

from app.authorization import AccessDep
from app.dependencies import SessionDep
from app.pagination import PageQuery
from app.repositories.organisations import OrganisationRepository
from app.schemas.common import PageRead
from app.schemas.organisations import OrganisationCreate, OrganisationRead, OrganisationUpdate
from app.validation import changes, query


class OrganisationController(Controller):
    """Organisations."""

    path = "/organisations"

    @post()
    async def create(
        self, data: JSONBody[OrganisationCreate], access: AccessDep, session: SessionDep
    ) -> OrganisationRead:
        """Found an organisation."""
        organisation = access.new_organisation(data.name)
        return OrganisationRead.of(await OrganisationRepository(session).add(organisation))

    @get()
    async def page(
        self, request: Request[Any, Any, Any], access: AccessDep, session: SessionDep
    ) -> PageRead[OrganisationRead]:
        """List the organisations the caller may know of."""
        visible = access.visible_organisations()
        page = await OrganisationRepository(session).page(query(PageQuery, request), visible)
        return PageRead[OrganisationRead].of(page)

    @get("/{organisation_id:uuid}")
    async def read(self, organisation_id: FromPath[UUID], access: AccessDep) -> OrganisationRead:
        """Read one organisation."""
        return OrganisationRead.of(await access.to_read(organisation_id))

    @patch("/{organisation_id:uuid}")
    async def update(
        self, organisation_id: FromPath[UUID], data: JSONBody[dict[str, Any]], access: AccessDep
    ) -> OrganisationRead:
        """Rename an organisation."""
        organisation = await access.to_manage(organisation_id)
        organisation.name = changes(OrganisationUpdate, data).get("name", organisation.name)
        return OrganisationRead.of(organisation)
