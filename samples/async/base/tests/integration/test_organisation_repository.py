"""Organisations in the database."""

from uuid import uuid4

import pytest
from sqlalchemy import true

from app.errors import NotFound
from app.models import Organisation
from app.pagination import PageQuery
from app.repositories.organisations import OrganisationRepository
from factories import OrganisationFactory


async def test_a_stored_organisation_is_found_by_its_id(db):
    organisation = await OrganisationRepository(db).add(Organisation(name="Acme"))
    db.expunge(organisation)

    found = await OrganisationRepository(db).get(organisation.id)

    assert found.name == "Acme"
    assert found.created_at.tzinfo is not None


async def test_an_unknown_organisation_is_not_found(db):
    with pytest.raises(NotFound, match="No such organisation"):
        await OrganisationRepository(db).get(uuid4())


async def test_a_page_is_ordered_by_name(db):
    for name in ("B", "C", "A"):
        await OrganisationFactory.create_async(name=name)

    page = await OrganisationRepository(db).page(PageQuery(page=1, size=2), true())

    assert [organisation.name for organisation in page.items] == ["A", "B"]
    assert (page.total, page.pages) == (3, 2)


async def test_a_page_holds_only_what_is_visible(db):
    for name in ("A", "B"):
        await OrganisationFactory.create_async(name=name)

    page = await OrganisationRepository(db).page(PageQuery(), Organisation.name == "B")

    assert [organisation.name for organisation in page.items] == ["B"]
    assert page.total == 1
