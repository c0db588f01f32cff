"""Organisations."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.access import (
    NewOrganisation,
    OrganisationToManage,
    OrganisationToRead,
    VisibleOrganisations,
)
from app.database import SessionDep
from app.models import Organisation
from app.pagination import Page, PageQuery
from app.repositories.organisations import OrganisationRepository
from app.schemas.common import PageRead
from app.schemas.organisations import OrganisationRead, OrganisationUpdate

router = APIRouter(prefix="/organisations", tags=["organisations"])


@router.post("", status_code=201, response_model=OrganisationRead)
def create_organisation(organisation: NewOrganisation, session: SessionDep) -> Organisation:
    """Found an organisation."""
    return OrganisationRepository(session).add(organisation)


@router.get("", response_model=PageRead[OrganisationRead])
def list_organisations(
    query: Annotated[PageQuery, Query()], visible: VisibleOrganisations, session: SessionDep
) -> Page[Organisation]:
    """List the organisations the caller may know of."""
    return OrganisationRepository(session).page(query, visible)


@router.get("/{organisation_id}", response_model=OrganisationRead)
def read_organisation(organisation: OrganisationToRead) -> Organisation:
    """Read one organisation."""
    return organisation


@router.patch("/{organisation_id}", response_model=OrganisationRead)
def update_organisation(
    organisation: OrganisationToManage, changes: OrganisationUpdate
) -> Organisation:
    """Rename an organisation."""
    organisation.name = changes.get("name", organisation.name)
    return organisation
