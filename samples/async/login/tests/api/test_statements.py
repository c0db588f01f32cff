"""A list takes as many statements for ten rows as for one."""

from test_harness import assert_status

from factories import ItemFactory, MembershipFactory, UserFactory


async def statements(client, path, query_counter, rows):
    with query_counter() as queries:
        body = assert_status(await client.get(path), 200)
    assert body["total"] == rows
    return queries.count


async def test_organisations(client_as, query_counter):
    user = await UserFactory.create_async()
    client = await client_as(user)

    await MembershipFactory.create_async(user=user)
    for_one = await statements(client, "/organisations", query_counter, rows=1)
    for _ in range(9):
        await MembershipFactory.create_async(user=user)

    assert await statements(client, "/organisations", query_counter, rows=10) == for_one


async def test_members(client_as, query_counter):
    member = await MembershipFactory.create_async()
    client = await client_as(member.user)
    path = f"/organisations/{member.organisation_id}/members"

    for_one = await statements(client, path, query_counter, rows=1)
    for _ in range(9):
        await MembershipFactory.create_async(organisation=member.organisation)

    assert await statements(client, path, query_counter, rows=10) == for_one


async def test_items(client_as, query_counter):
    member = await MembershipFactory.create_async()
    client = await client_as(member.user)
    path = f"/organisations/{member.organisation_id}/items"

    await ItemFactory.create_async(organisation=member.organisation)
    for_one = await statements(client, path, query_counter, rows=1)
    for _ in range(9):
        await ItemFactory.create_async(organisation=member.organisation)

    assert await statements(client, path, query_counter, rows=10) == for_one
