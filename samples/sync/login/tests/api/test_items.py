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
def membership(db):
    return MembershipFactory.create(role=Role.ADMIN)


@pytest.fixture
def organisation(membership):
    return membership.organisation


@pytest.fixture
def client(client_as, membership):
    return client_as(membership.user)


@pytest.fixture
def path(organisation):
    return f"/organisations/{organisation.id}/items"


def test_any_member_adds_and_reads_an_item(client_as, organisation, path):
    member = MembershipFactory.create(organisation=organisation, role=Role.MEMBER)
    client = client_as(member.user)

    created = assert_status(client.post(path, json=CHAIR), 201)

    assert {**CHAIR, "status": "draft"}.items() <= created.items()
    assert assert_status(client.get(f"{path}/{created['id']}"), 200) == created


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sku", "lower"),
        ("price_cents", -1),
        ("price_cents", 2**31),
    ],
)
def test_an_invalid_field_is_named(client, path, field, value):
    body = assert_status(client.post(path, json={**CHAIR, field: value}), 422)

    assert [error["loc"] for error in body["detail"]] == [["body", field]]


def test_all_missing_fields_are_named(client, path):
    body = assert_status(client.post(path, json={}), 422)

    assert [error["loc"][-1] for error in body["detail"]] == ["sku", "name", "price_cents"]


def test_a_sku_is_unique(client, path):
    assert_unique(client, path, CHAIR, sku="CHAIR-2")


def test_items_are_listed_page_by_page(client, organisation, path):
    assert_pages(client, path, ItemFactory, organisation=organisation)


def test_items_are_listed_by_status(client, organisation, path):
    for status in ItemStatus:
        ItemFactory.create(organisation=organisation, status=status)

    body = assert_status(client.get(path, params={"status": "active"}), 200)

    assert [item["status"] for item in body["items"]] == ["active"]
    assert body["total"] == 1


@pytest.mark.parametrize(("field", "value"), [("page", 0), ("size", 101), ("status", "lost")])
def test_an_invalid_query_is_named(client, path, field, value):
    body = assert_status(client.get(path, params={field: value}), 422)

    assert [error["loc"] for error in body["detail"]] == [["query", field]]


def test_any_member_changes_an_item(client_as, organisation, path):
    member = MembershipFactory.create(organisation=organisation, role=Role.MEMBER)
    item = ItemFactory.create(organisation=organisation)
    client = client_as(member.user)

    body = assert_status(client.patch(f"{path}/{item.id}", json={"price_cents": 1}), 200)

    assert body["price_cents"] == 1
    assert body["name"] == item.name
    assert assert_status(client.get(f"{path}/{item.id}"), 200) == body


def test_an_item_goes_through_its_stages_and_not_back(client, organisation, path):
    item = ItemFactory.create(organisation=organisation)
    stages = {"draft": ["active"], "active": ["archived"], "archived": []}

    assert_transitions(client, f"{path}/{item.id}", item, "status", stages)


def test_a_deleted_item_is_kept_and_gone(client, organisation, path):
    item = ItemFactory.create(organisation=organisation)

    assert_soft_deleted(client, f"{path}/{item.id}", item, listed=path)


def test_the_sku_of_a_deleted_item_stays_taken(client, organisation, path):
    item = ItemFactory.create(organisation=organisation, sku="CHAIR-1")

    assert_status(client.delete(f"{path}/{item.id}"), 204)

    taken = assert_status(client.post(path, json=CHAIR), 409)
    assert taken == {"detail": "The SKU CHAIR-1 is taken."}
