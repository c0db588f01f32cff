"""Who may do what: everybody may do everything, because nobody is asked who they are.

The routes name what they are about to do (read, edit, manage); this module alone decides
whether they may. A rule added here holds everywhere.
"""

from uuid import UUID

from sqlalchemy import ColumnElement, true
from sqlalchemy.orm import Session

from app.models import Organisation
from app.repositories.organisations import OrganisationRepository


class Access:
    """What the sender of a request may do."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def visible_organisations(self) -> ColumnElement[bool]:
        """Return the condition for organisations the caller may know of: all of them."""
        return true()

    def new_organisation(self, name: str) -> Organisation:
        """Return the organisation the caller founds, to be stored."""
        return Organisation(name=name)

    def to_read(self, organisation_id: UUID) -> Organisation:
        """Return an organisation whose data is going to be read. Raises NotFound."""
        return OrganisationRepository(self.session).get(organisation_id)

    def to_edit(self, organisation_id: UUID) -> Organisation:
        """Return an organisation whose items are going to be edited. Raises NotFound."""
        return self.to_read(organisation_id)

    def to_manage(self, organisation_id: UUID) -> Organisation:
        """Return an organisation that is itself going to be changed. Raises NotFound."""
        return self.to_read(organisation_id)
