"""/organisations/{organisation_id}/members."""

from uuid import uuid4

import pytest
from test_harness import assert_status

from app.models import Role
from factories import MembershipFactory, UserFactory

NOT_FOUND = {"detail": "No such member."}
LAST_OWNER = {"detail": "An organisation needs an owner."}


@pytest.fixture
def owner(db):
    return MembershipFactory.create(role=Role.OWNER)


@pytest.fixture
def client(client_as, owner):
    return client_as(owner.user)


@pytest.fixture
def path(owner):
    return f"/organisations/{owner.organisation_id}/members"


def test_an_admin_adds_a_member(client_as_role, owner, path):
    user = UserFactory.create()
    client = client_as_role("admin", organisation=owner.organisation)

    body = assert_status(client.post(path, json={"user_id": str(user.id)}), 201)

    assert body == {"user": {"id": str(user.id), "email": user.email}, "role": "member"}


def test_an_unknown_user_cannot_be_added(client, path):
    body = assert_status(client.post(path, json={"user_id": str(uuid4())}), 404)

    assert body == {"detail": "No such user."}


def test_a_member_cannot_be_added_twice(client, owner, path):
    member = MembershipFactory.create(organisation=owner.organisation)

    body = assert_status(client.post(path, json={"user_id": str(member.user_id)}), 409)

    assert body == {"detail": "The user is a member already."}


def test_an_owner_changes_a_role_and_it_counts_at_once(client, client_as, owner, path):
    member = MembershipFactory.create(organisation=owner.organisation)

    body = assert_status(client.patch(f"{path}/{member.user_id}", json={"role": "admin"}), 200)

    user = {"id": str(member.user_id), "email": member.user.email}
    assert body == {"user": user, "role": "admin"}
    promoted = client_as(member.user)
    renamed = promoted.patch(path.removesuffix("/members"), json={"name": "Emca"})
    assert assert_status(renamed, 200)["name"] == "Emca"


def test_a_removed_member_is_a_stranger_at_once(client, client_as, owner, path):
    member = MembershipFactory.create(organisation=owner.organisation)
    removed = client_as(member.user)

    assert assert_status(client.delete(f"{path}/{member.user_id}"), 204) is None

    body = assert_status(removed.get(path), 404)
    assert body == {"detail": "No such organisation."}


def test_a_member_may_leave(client, client_as, owner, path):
    member = MembershipFactory.create(organisation=owner.organisation)
    leaving = client_as(member.user)

    assert assert_status(leaving.delete(f"{path}/{member.user_id}"), 204) is None

    members = assert_status(client.get(path), 200)["items"]
    assert [entry["role"] for entry in members] == ["owner"]


def test_the_last_owner_stays_owner(client, owner, path):
    leave = client.delete(f"{path}/{owner.user_id}")
    step_down = client.patch(f"{path}/{owner.user_id}", json={"role": "admin"})

    assert assert_status(leave, 409) == LAST_OWNER
    assert assert_status(step_down, 409) == LAST_OWNER


def test_a_user_who_is_no_member_can_be_neither_changed_nor_removed(client, path):
    stranger = UserFactory.create()

    change = client.patch(f"{path}/{stranger.id}", json={"role": "admin"})
    removal = client.delete(f"{path}/{stranger.id}")

    assert assert_status(change, 404) == NOT_FOUND
    assert assert_status(removal, 404) == NOT_FOUND
