"""A list takes as many statements for ten rows as for one."""

from test_harness import assert_status

from factories import ItemFactory, MembershipFactory, UserFactory


def statements(client, path, query_counter, rows):
    with query_counter() as queries:
        body = assert_status(client.get(path), 200)
    assert body["total"] == rows
    return queries.count


def test_organisations(client_as, query_counter):
    user = UserFactory.create()
    client = client_as(user)

    MembershipFactory.create(user=user)
    for_one = statements(client, "/organisations", query_counter, rows=1)
    for _ in range(9):
        MembershipFactory.create(user=user)

    assert statements(client, "/organisations", query_counter, rows=10) == for_one


def test_members(client_as, query_counter):
    member = MembershipFactory.create()
    client = client_as(member.user)
    path = f"/organisations/{member.organisation_id}/members"

    for_one = statements(client, path, query_counter, rows=1)
    for _ in range(9):
        MembershipFactory.create(organisation=member.organisation)

    assert statements(client, path, query_counter, rows=10) == for_one


def test_items(client_as, query_counter):
    member = MembershipFactory.create()
    client = client_as(member.user)
    path = f"/organisations/{member.organisation_id}/items"

    ItemFactory.create(organisation=member.organisation)
    for_one = statements(client, path, query_counter, rows=1)
    for _ in range(9):
        ItemFactory.create(organisation=member.organisation)

    assert statements(client, path, query_counter, rows=10) == for_one
