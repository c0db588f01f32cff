"""/organisations."""

import pytest
from test_harness import assert_status

from app.models import Role
from factories import MembershipFactory, UserFactory


async def test_who_founds_an_organisation_owns_it(client_as):
    user = await UserFactory.create_async()
    client = await client_as(user)

    created = assert_status(await client.post("/organisations", json={"name": " Acme "}), 201)

    assert created["name"] == "Acme"
    path = f"/organisations/{created['id']}"
    assert assert_status(await client.get(path), 200) == created
    members = assert_status(await client.get(f"{path}/members"), 200)
    assert members["items"] == [
        {"user": {"id": str(user.id), "email": user.email}, "role": "owner"}
    ]


@pytest.mark.parametrize("name", ["  ", "x" * 101, "nul\0"])
async def test_a_name_is_needed(client_as, name):
    client = await client_as(await UserFactory.create_async())

    body = assert_status(await client.post("/organisations", json={"name": name}), 422)

    assert [error["loc"] for error in body["detail"]] == [["body", "name"]]


async def test_only_the_own_organisations_are_listed(client_as):
    user = await UserFactory.create_async()
    for name in ("B", "C", "A"):
        await MembershipFactory.create_async(user=user, organisation__name=name)
    await MembershipFactory.create_async(organisation__name="Foreign")
    client = await client_as(user)

    body = assert_status(await client.get("/organisations"), 200)

    assert [organisation["name"] for organisation in body["items"]] == ["A", "B", "C"]
    assert body["total"] == 3


async def test_any_member_reads_the_organisation(client_as):
    membership = await MembershipFactory.create_async(role=Role.MEMBER)
    client = await client_as(membership.user)

    body = assert_status(await client.get(f"/organisations/{membership.organisation_id}"), 200)

    assert body["id"] == str(membership.organisation_id)
    assert body["name"] == membership.organisation.name


async def test_an_admin_renames_the_organisation(admin_client):
    [organisation] = assert_status(await admin_client.get("/organisations"), 200)["items"]
    path = f"/organisations/{organisation['id']}"

    body = assert_status(await admin_client.patch(path, json={"name": "Emca"}), 200)

    assert body["name"] == "Emca"
    assert assert_status(await admin_client.get(path), 200) == body


async def test_a_name_can_be_left_out_but_not_emptied(client_as):
    membership = await MembershipFactory.create_async(role=Role.ADMIN)
    client = await client_as(membership.user)
    path = f"/organisations/{membership.organisation_id}"

    refused = assert_status(await client.patch(path, json={"name": None}), 422)
    unchanged = assert_status(await client.patch(path, json={}), 200)

    assert [error["loc"] for error in refused["detail"]] == [["body", "name"]]
    assert unchanged["name"] == membership.organisation.name
