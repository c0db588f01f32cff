"""A list takes as many statements for ten rows as for one."""

from test_harness import assert_statements

from factories import ItemFactory, MembershipFactory, UserFactory


async def test_organisations(client_as):
    user = await UserFactory.create_async()
    client = await client_as(user)

    await assert_statements(client, "/organisations", MembershipFactory, user=user)


async def test_members(client_as):
    member = await MembershipFactory.create_async()
    client = await client_as(member.user)
    path = f"/organisations/{member.organisation_id}/members"

    await assert_statements(client, path, MembershipFactory, organisation=member.organisation)


async def test_items(client_as):
    member = await MembershipFactory.create_async()
    client = await client_as(member.user)
    path = f"/organisations/{member.organisation_id}/items"

    await assert_statements(client, path, ItemFactory, organisation=member.organisation)
