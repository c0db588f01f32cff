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
async def path(db):
    organisation = await OrganisationFactory.create_async()
    return f"/organisations/{organisation.id}/items"


async def test_an_item_is_created_as_a_draft_and_read(client, path):
    created = assert_status(await client.post(path, json=CHAIR), 201)
    read = assert_status(await client.get(f"{path}/{created['id']}"), 200)

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
async def test_an_invalid_field_is_named(client, path, field, value):
    body = assert_status(await client.post(path, json={**CHAIR, field: value}), 422)

    assert [error["loc"] for error in body["detail"]] == [["body", field]]


async def test_a_sku_is_unique(client, path):
    await assert_unique(client, path, CHAIR, sku="CHAIR-2")


async def test_items_are_listed_by_status(client, db):
    item = await ItemFactory.create_async(status=ItemStatus.ACTIVE)
    await ItemFactory.create_async(organisation=item.organisation, status=ItemStatus.DRAFT)

    body = assert_status(
        await client.get(
            f"/organisations/{item.organisation_id}/items", params={"status": "active"}
        ),
        200,
    )

    assert [entry["id"] for entry in body.pop("items")] == [str(item.id)]
    assert body == {"total": 1, "page": 1, "size": 20, "pages": 1}


async def test_a_page_beyond_the_last_is_empty(client, db):
    item = await ItemFactory.create_async()

    body = assert_status(
        await client.get(f"/organisations/{item.organisation_id}/items", params={"page": 2}), 200
    )

    assert body == {"items": [], "total": 1, "page": 2, "size": 20, "pages": 1}


async def test_an_item_goes_through_its_stages_and_not_back(client, db):
    item = await ItemFactory.create_async()
    stages = {"draft": ["active"], "active": ["archived"], "archived": []}

    await assert_transitions(client, path_of(item), item, "status", stages)


async def test_a_deleted_item_is_kept_and_gone(client, db):
    item = await ItemFactory.create_async()

    await assert_soft_deleted(client, path_of(item), item)


async def test_an_item_is_found_in_its_own_organisation_only(client, path):
    foreign = await ItemFactory.create_async()

    await assert_not_found(
        client, f"{path}/{foreign.id}", foreign, methods=["GET", "PATCH", "DELETE"]
    )


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_unknown_organisation_has_no_items(client, method):
    path = f"/organisations/{uuid4()}/items"

    body = assert_status(await client.request(method, path, json=CHAIR), 404)

    assert body == {"detail": "No such organisation."}


async def test_the_number_of_statements_does_not_grow_with_the_list(client, db):
    organisation = await OrganisationFactory.create_async()
    path = f"/organisations/{organisation.id}/items"

    await assert_statements(client, path, ItemFactory, organisation=organisation)
