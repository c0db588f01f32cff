"""A list takes as many statements for ten rows as for one."""

from test_harness import assert_statements

from factories import ItemFactory, MembershipFactory, UserFactory


def test_organisations(client_as):
    user = UserFactory.create()
    client = client_as(user)

    assert_statements(client, "/organisations", MembershipFactory, user=user)


def test_members(client_as):
    member = MembershipFactory.create()
    client = client_as(member.user)
    path = f"/organisations/{member.organisation_id}/members"

    assert_statements(client, path, MembershipFactory, organisation=member.organisation)


def test_items(client_as):
    member = MembershipFactory.create()
    client = client_as(member.user)
    path = f"/organisations/{member.organisation_id}/items"

    assert_statements(client, path, ItemFactory, organisation=member.organisation)
