"""Organisations."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.authorization import AccessDep
from app.dependencies import SessionDep
from app.models import Organisation
from app.pagination import Page, PageQuery
from app.repositories.organisations import OrganisationRepository
from app.schemas.common import PageRead
from app.schemas.organisations import OrganisationCreate, OrganisationRead, OrganisationUpdate

router = APIRouter(prefix="/organisations", tags=["organisations"])


@router.post("", status_code=201, response_model=OrganisationRead)
async def create_organisation(
    data: OrganisationCreate, access: AccessDep, session: SessionDep
) -> Organisation:
    """Found an organisation."""
    return await OrganisationRepository(session).add(access.new_organisation(data.name))


@router.get("", response_model=PageRead[OrganisationRead])
async def list_organisations(
    query: Annotated[PageQuery, Query()], access: AccessDep, session: SessionDep
) -> Page[Organisation]:
    """List the organisations the caller may know of."""
    return await OrganisationRepository(session).page(query, access.visible_organisations())


@router.get("/{organisation_id}", response_model=OrganisationRead)
async def read_organisation(organisation_id: UUID, access: AccessDep) -> Organisation:
    """Read one organisation."""
    return await access.to_read(organisation_id)


@router.patch("/{organisation_id}", response_model=OrganisationRead)
async def update_organisation(
    organisation_id: UUID, changes: OrganisationUpdate, access: AccessDep
) -> Organisation:
    """Rename an organisation."""
    organisation = await access.to_manage(organisation_id)
    organisation.name = changes.get("name", organisation.name)
    return organisation
