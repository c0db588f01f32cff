"""Organisations."""

from uuid import UUID

from flask import Blueprint

from app.authorization import access
from app.database import db
from app.exchange import Answer, answer, body, query
from app.pagination import PageQuery
from app.repositories.organisations import OrganisationRepository
from app.schemas.common import PageRead
from app.schemas.organisations import OrganisationCreate, OrganisationRead, OrganisationUpdate

organisations = Blueprint("organisations", __name__, url_prefix="/organisations")


@organisations.post("")
def create_organisation() -> Answer:
    """Found an organisation."""
    organisation = access().new_organisation(body(OrganisationCreate).name)
    stored = OrganisationRepository(db.session()).add(organisation)
    return answer(OrganisationRead.of(stored), 201)


@organisations.get("")
def list_organisations() -> Answer:
    """List the organisations the caller may know of."""
    visible = access().visible_organisations()
    page = OrganisationRepository(db.session()).page(query(PageQuery), visible)
    return answer(PageRead[OrganisationRead].of(page))


@organisations.get("/<uuid:organisation_id>")
def read_organisation(organisation_id: UUID) -> Answer:
    """Read one organisation."""
    return answer(OrganisationRead.of(access().to_read(organisation_id)))


@organisations.patch("/<uuid:organisation_id>")
def update_organisation(organisation_id: UUID) -> Answer:
    """Rename an organisation."""
    organisation = access().to_manage(organisation_id)
    organisation.name = body(OrganisationUpdate).get("name", organisation.name)
    return answer(OrganisationRead.of(organisation))
