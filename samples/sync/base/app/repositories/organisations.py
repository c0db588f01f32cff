"""Organisations in the database."""

from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import Organisation
from app.pagination import Page, PageQuery, fetch_page


class OrganisationRepository:
    """Reads and writes organisations."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, organisation: Organisation) -> Organisation:
        """Store a new organisation."""
        self.session.add(organisation)
        self.session.flush()
        return organisation

    def get(self, organisation_id: UUID) -> Organisation:
        """Return an organisation. Raises NotFound."""
        organisation = self.session.get(Organisation, organisation_id)
        if organisation is None:
            raise NotFound("No such organisation.")
        return organisation

    def page(self, query: PageQuery, visible: ColumnElement[bool]) -> Page[Organisation]:
        """Return one page of the organisations that meet the condition `visible`, by name."""
        statement = select(Organisation).where(visible).order_by(Organisation.name, Organisation.id)
        return fetch_page(self.session, statement, query)
