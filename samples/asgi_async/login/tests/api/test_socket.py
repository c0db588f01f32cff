"""/ws: members of an organisation talk to each other through sockets."""

import pytest

from factories import MembershipFactory, OrganisationFactory, UserFactory


@pytest.fixture
async def organisation(db):
    return await OrganisationFactory.create_async()


@pytest.fixture
def member(organisation, credential_of):
    """Return a function that gives what a new member shows."""

    async def credential(email):
        membership = await MembershipFactory.create_async(
            organisation=organisation, user__email=email
        )
        return await credential_of(membership.user)

    return credential


@pytest.fixture
def send(organisation):
    """Return a function that sends a message about the organisation."""

    async def message(socket, action, **fields):
        await socket.send_json(
            {"action": action, "organisation_id": str(organisation.id), **fields}
        )

    return message


@pytest.fixture
def heard(organisation):
    """Return a function that gives what a client hears next about the organisation."""

    async def message(socket):
        content = await socket.receive_json()
        assert content.pop("organisation_id") == str(organisation.id)
        return content

    return message


async def test_members_hear_each_other(open_socket, member, send, heard):
    ada, bob = await member("ada@example.com"), await member("bob@example.com")
    async with open_socket(ada) as first, open_socket(bob) as second:
        await send(first, "join")
        assert await heard(first) == {"present": ["ada@example.com"]}
        await send(second, "join")
        both = {"present": ["ada@example.com", "bob@example.com"]}
        assert [await heard(first), await heard(second)] == [both, both]

        await send(first, "say", text="hello")

        said = {"from": "ada@example.com", "text": "hello"}
        assert [await heard(first), await heard(second)] == [said, said]


async def test_who_goes_is_gone(open_socket, member, send, heard):
    ada, bob = await member("ada@example.com"), await member("bob@example.com")
    async with open_socket(ada) as first:
        await send(first, "join")
        await heard(first)
        async with open_socket(bob) as second:
            await send(second, "join")
            await heard(first)
        assert await heard(first) == {"present": ["ada@example.com"]}


async def test_a_stranger_hears_nothing(open_socket, credential_of, member, send):
    stranger = await credential_of(await UserFactory.create_async())
    ada = await member("ada@example.com")
    async with open_socket(ada) as first, open_socket(stranger) as second:
        await send(first, "join")
        await first.receive_json()
        await send(second, "join")
        assert await second.receive_json() == {"error": "No such organisation."}

        await send(first, "say", text="hello")

        assert await second.receives_nothing()


async def test_what_is_no_message_is_answered(open_socket, member):
    async with open_socket(await member("ada@example.com")) as socket:
        await socket.send_text("hello")
        assert await socket.receive_json() == {"error": "This is no message."}
