"""Who may do what: everybody may do everything, because nobody is asked who they are.

The routes name what they are about to do (read, edit, manage); this module alone decides
whether they may. A rule added here holds everywhere.
"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends
from sqlalchemy import ColumnElement, true

from app.database import SessionDep
from app.models import Organisation
from app.repositories.organisations import OrganisationRepository
from app.schemas.organisations import OrganisationCreate


def visible_organisations() -> ColumnElement[bool]:
    """Return the condition for organisations the caller may know of: all of them."""
    return true()


def new_organisation(data: OrganisationCreate) -> Organisation:
    """Return the organisation the caller founds, to be stored."""
    return Organisation(name=data.name)


def existing_organisation(organisation_id: UUID, session: SessionDep) -> Organisation:
    """Return the organisation in the path. Raises NotFound."""
    return OrganisationRepository(session).get(organisation_id)


VisibleOrganisations = Annotated[ColumnElement[bool], Depends(visible_organisations)]
NewOrganisation = Annotated[Organisation, Depends(new_organisation)]
OrganisationToRead = Annotated[Organisation, Depends(existing_organisation)]
OrganisationToEdit = Annotated[Organisation, Depends(existing_organisation)]
OrganisationToManage = Annotated[Organisation, Depends(existing_organisation)]
