"""/organisations/{organisation_id}/items, open to everybody."""

from uuid import uuid4

import pytest
from test_harness import (
    assert_not_found,
    assert_soft_deleted,
    assert_statements,
    assert_status,
    assert_transitions,
    assert_unique,
)

from app.models import ItemStatus
from factories import ItemFactory, OrganisationFactory

CHAIR = {"sku": "CHAIR-1", "name": "Chair", "price_cents": 4900}


def path_of(item):
    return f"/organisations/{item.organisation_id}/items/{item.id}"


@pytest.fixture
def path(db):
    organisation = OrganisationFactory.create()
    return f"/organisations/{organisation.id}/items"


def test_an_item_is_created_as_a_draft_and_read(client, path):
    created = assert_status(client.post(path, json=CHAIR), 201)
    read = assert_status(client.get(f"{path}/{created['id']}"), 200)

    assert {**CHAIR, "status": "draft"}.items() <= created.items()
    assert read == created


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sku", "lower"),
        ("name", " "),
        ("price_cents", -1),
        ("price_cents", 2**31),
    ],
)
def test_an_invalid_field_is_named(client, path, field, value):
    body = assert_status(client.post(path, json={**CHAIR, field: value}), 422)

    assert [error["loc"] for error in body["detail"]] == [["body", field]]


def test_a_sku_is_unique(client, path):
    assert_unique(client, path, CHAIR, sku="CHAIR-2")


def test_items_are_listed_by_status(client, db):
    item = ItemFactory.create(status=ItemStatus.ACTIVE)
    ItemFactory.create(organisation=item.organisation, status=ItemStatus.DRAFT)

    body = assert_status(
        client.get(f"/organisations/{item.organisation_id}/items", params={"status": "active"}),
        200,
    )

    assert [entry["id"] for entry in body.pop("items")] == [str(item.id)]
    assert body == {"total": 1, "page": 1, "size": 20, "pages": 1}


def test_a_page_beyond_the_last_is_empty(client, db):
    item = ItemFactory.create()

    body = assert_status(
        client.get(f"/organisations/{item.organisation_id}/items", params={"page": 2}), 200
    )

    assert body == {"items": [], "total": 1, "page": 2, "size": 20, "pages": 1}


def test_an_item_goes_through_its_stages_and_not_back(client, db):
    item = ItemFactory.create()
    stages = {"draft": ["active"], "active": ["archived"], "archived": []}

    assert_transitions(client, path_of(item), item, "status", stages)


def test_a_deleted_item_is_kept_and_gone(client, db):
    item = ItemFactory.create()

    assert_soft_deleted(client, path_of(item), item)


def test_an_item_is_found_in_its_own_organisation_only(client, path):
    foreign = ItemFactory.create()

    assert_not_found(client, f"{path}/{foreign.id}", foreign, methods=["GET", "PATCH", "DELETE"])


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_organisation_has_no_items(client, method):
    path = f"/organisations/{uuid4()}/items"

    body = assert_status(client.request(method, path, json=CHAIR), 404)

    assert body == {"detail": "No such organisation."}


def test_the_number_of_statements_does_not_grow_with_the_list(client, db):
    organisation = OrganisationFactory.create()
    path = f"/organisations/{organisation.id}/items"

    assert_statements(client, path, ItemFactory, organisation=organisation)
