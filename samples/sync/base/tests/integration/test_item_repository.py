"""Items in the database, and what the database itself refuses."""

from uuid import uuid4

import pytest
from sqlalchemy.exc import DatabaseError, IntegrityError

from app.errors import Conflict, NotFound
from app.models import Item, ItemStatus
from app.pagination import PageQuery
from app.repositories.items import ItemRepository
from factories import ItemFactory, OrganisationFactory


def new_item(sku):
    return Item(sku=sku, name="Chair", price_cents=100, status=ItemStatus.DRAFT)


def skus(repository, status=None):
    page = repository.page(PageQuery(), status)
    assert page.total == len(page.items)
    return [item.sku for item in page.items]


@pytest.fixture
def organisation(db):
    return OrganisationFactory.create()


@pytest.fixture
def items(db, organisation):
    return ItemRepository(db, organisation.id)


def test_a_stored_item_is_found_by_its_id(items):
    item = items.add(new_item("CHAIR-1"))

    assert items.get(item.id) is item
    assert item.organisation_id == items.organisation_id


def test_an_unknown_item_is_not_found(items):
    with pytest.raises(NotFound, match="No such item"):
        items.get(uuid4())


def test_the_item_of_another_organisation_is_not_found(items):
    foreign = ItemFactory.create()

    with pytest.raises(NotFound, match="No such item"):
        items.get(foreign.id)


def test_a_sku_is_unique_in_its_organisation(items, organisation):
    ItemFactory.create(organisation=organisation, sku="CHAIR-1")

    with pytest.raises(Conflict, match="The SKU CHAIR-1 is taken"):
        items.add(new_item("CHAIR-1"))


def test_another_organisation_may_use_the_same_sku(items):
    ItemFactory.create(sku="CHAIR-1")

    items.add(new_item("CHAIR-1"))

    assert skus(items) == ["CHAIR-1"]


def test_a_deleted_item_is_gone_and_its_sku_stays_taken(items):
    item = items.add(new_item("CHAIR-1"))

    items.delete(item)

    assert item.deleted_at is not None
    assert skus(items) == []
    with pytest.raises(NotFound, match="No such item"):
        items.get(item.id)
    with pytest.raises(Conflict, match="The SKU CHAIR-1 is taken"):
        items.add(new_item("CHAIR-1"))


def test_a_page_is_ordered_by_sku_and_filtered_by_status(items, organisation):
    ItemFactory.create(sku="FOREIGN")
    for sku, status in [("B", "draft"), ("C", "active"), ("A", "draft")]:
        ItemFactory.create(organisation=organisation, sku=sku, status=ItemStatus(status))

    assert skus(items) == ["A", "B", "C"]
    assert skus(items, ItemStatus.DRAFT) == ["A", "B"]
    assert skus(items, ItemStatus.ARCHIVED) == []


def test_the_database_refuses_a_negative_price(db):
    # Drivers of MySQL do not count a CHECK among the constraints that keep rows whole.
    with pytest.raises(DatabaseError, match="ck_items_price_cents_not_negative"):
        ItemFactory.create(price_cents=-1)


def test_the_database_refuses_an_item_of_no_organisation(db):
    item = new_item("CHAIR-1")
    item.organisation_id = uuid4()
    db.add(item)

    with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
        db.flush()
