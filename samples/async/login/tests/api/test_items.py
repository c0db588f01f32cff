"""/organisations/{organisation_id}/items."""

import pytest
from test_harness import (
    assert_pages,
    assert_soft_deleted,
    assert_status,
    assert_transitions,
    assert_unique,
)

from app.models import ItemStatus, Role
from factories import ItemFactory, MembershipFactory

CHAIR = {"sku": "CHAIR-1", "name": "Chair", "price_cents": 4900}


@pytest.fixture
async def membership(db):
    return await MembershipFactory.create_async(role=Role.ADMIN)


@pytest.fixture
async def organisation(membership):
    return membership.organisation


@pytest.fixture
async def client(client_as, membership):
    return await client_as(membership.user)


@pytest.fixture
def path(organisation):
    return f"/organisations/{organisation.id}/items"


async def test_any_member_adds_and_reads_an_item(client_as, organisation, path):
    member = await MembershipFactory.create_async(organisation=organisation, role=Role.MEMBER)
    client = await client_as(member.user)

    created = assert_status(await client.post(path, json=CHAIR), 201)

    assert {**CHAIR, "status": "draft"}.items() <= created.items()
    assert assert_status(await client.get(f"{path}/{created['id']}"), 200) == created


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sku", "lower"),
        ("price_cents", -1),
        ("price_cents", 2**31),
    ],
)
async def test_an_invalid_field_is_named(client, path, field, value):
    body = assert_status(await client.post(path, json={**CHAIR, field: value}), 422)

    assert [error["loc"] for error in body["detail"]] == [["body", field]]


async def test_all_missing_fields_are_named(client, path):
    body = assert_status(await client.post(path, json={}), 422)

    assert [error["loc"][-1] for error in body["detail"]] == ["sku", "name", "price_cents"]


async def test_a_sku_is_unique(client, path):
    await assert_unique(client, path, CHAIR, sku="CHAIR-2")


async def test_items_are_listed_page_by_page(client, organisation, path):
    await assert_pages(client, path, ItemFactory, organisation=organisation)


async def test_items_are_listed_by_status(client, organisation, path):
    for status in ItemStatus:
        await ItemFactory.create_async(organisation=organisation, status=status)

    body = assert_status(await client.get(path, params={"status": "active"}), 200)

    assert [item["status"] for item in body["items"]] == ["active"]
    assert body["total"] == 1


@pytest.mark.parametrize(("field", "value"), [("page", 0), ("size", 101), ("status", "lost")])
async def test_an_invalid_query_is_named(client, path, field, value):
    body = assert_status(await client.get(path, params={field: value}), 422)

    assert [error["loc"] for error in body["detail"]] == [["query", field]]


async def test_any_member_changes_an_item(client_as, organisation, path):
    member = await MembershipFactory.create_async(organisation=organisation, role=Role.MEMBER)
    item = await ItemFactory.create_async(organisation=organisation)
    client = await client_as(member.user)

    body = assert_status(await client.patch(f"{path}/{item.id}", json={"price_cents": 1}), 200)

    assert body["price_cents"] == 1
    assert body["name"] == item.name
    assert assert_status(await client.get(f"{path}/{item.id}"), 200) == body


async def test_an_item_goes_through_its_stages_and_not_back(client, organisation, path):
    item = await ItemFactory.create_async(organisation=organisation)
    stages = {"draft": ["active"], "active": ["archived"], "archived": []}

    await assert_transitions(client, f"{path}/{item.id}", item, "status", stages)


async def test_a_deleted_item_is_kept_and_gone(client, organisation, path):
    item = await ItemFactory.create_async(organisation=organisation)

    await assert_soft_deleted(client, f"{path}/{item.id}", item, listed=path)


async def test_the_sku_of_a_deleted_item_stays_taken(client, organisation, path):
    item = await ItemFactory.create_async(organisation=organisation, sku="CHAIR-1")

    assert_status(await client.delete(f"{path}/{item.id}"), 204)

    taken = assert_status(await client.post(path, json=CHAIR), 409)
    assert taken == {"detail": "The SKU CHAIR-1 is taken."}
