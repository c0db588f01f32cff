"""/organisations/{organisation_id}/members."""

from uuid import uuid4

import pytest
from test_harness import assert_status

from app.models import Role
from factories import MembershipFactory, UserFactory

NOT_FOUND = {"detail": "No such member."}
LAST_OWNER = {"detail": "An organisation needs an owner."}


@pytest.fixture
async def owner(db):
    return await MembershipFactory.create_async(role=Role.OWNER)


@pytest.fixture
async def client(client_as, owner):
    return await client_as(owner.user)


@pytest.fixture
def path(owner):
    return f"/organisations/{owner.organisation_id}/members"


async def test_an_admin_adds_a_member(client_as_role, owner, path):
    user = await UserFactory.create_async()
    client = await client_as_role("admin", organisation=owner.organisation)

    body = assert_status(await client.post(path, json={"user_id": str(user.id)}), 201)

    assert body == {"user": {"id": str(user.id), "email": user.email}, "role": "member"}


async def test_an_unknown_user_cannot_be_added(client, path):
    body = assert_status(await client.post(path, json={"user_id": str(uuid4())}), 404)

    assert body == {"detail": "No such user."}


async def test_a_member_cannot_be_added_twice(client, owner, path):
    member = await MembershipFactory.create_async(organisation=owner.organisation)

    body = assert_status(await client.post(path, json={"user_id": str(member.user_id)}), 409)

    assert body == {"detail": "The user is a member already."}


async def test_an_owner_changes_a_role_and_it_counts_at_once(client, client_as, owner, path):
    member = await MembershipFactory.create_async(organisation=owner.organisation)

    body = assert_status(
        await client.patch(f"{path}/{member.user_id}", json={"role": "admin"}), 200
    )

    user = {"id": str(member.user_id), "email": member.user.email}
    assert body == {"user": user, "role": "admin"}
    promoted = await client_as(member.user)
    renamed = await promoted.patch(path.removesuffix("/members"), json={"name": "Emca"})
    assert assert_status(renamed, 200)["name"] == "Emca"


async def test_a_removed_member_is_a_stranger_at_once(client, client_as, owner, path):
    member = await MembershipFactory.create_async(organisation=owner.organisation)
    removed = await client_as(member.user)

    assert assert_status(await client.delete(f"{path}/{member.user_id}"), 204) is None

    body = assert_status(await removed.get(path), 404)
    assert body == {"detail": "No such organisation."}


async def test_a_member_may_leave(client, client_as, owner, path):
    member = await MembershipFactory.create_async(organisation=owner.organisation)
    leaving = await client_as(member.user)

    assert assert_status(await leaving.delete(f"{path}/{member.user_id}"), 204) is None

    members = assert_status(await client.get(path), 200)["items"]
    assert [entry["role"] for entry in members] == ["owner"]


async def test_the_last_owner_stays_owner(client, owner, path):
    leave = await client.delete(f"{path}/{owner.user_id}")
    step_down = await client.patch(f"{path}/{owner.user_id}", json={"role": "admin"})

    assert assert_status(leave, 409) == LAST_OWNER
    assert assert_status(step_down, 409) == LAST_OWNER


async def test_a_user_who_is_no_member_can_be_neither_changed_nor_removed(client, path):
    stranger = await UserFactory.create_async()

    change = await client.patch(f"{path}/{stranger.id}", json={"role": "admin"})
    removal = await client.delete(f"{path}/{stranger.id}")

    assert assert_status(change, 404) == NOT_FOUND
    assert assert_status(removal, 404) == NOT_FOUND
