"""Rooms: who is there, what they hear, and who is not let in."""

import json

import pytest

from app.rooms import Rooms
from factories import MembershipFactory, OrganisationFactory, UserFactory


class Client:
    """Stands in for a socket: it keeps what it is sent."""

    def __init__(self, user):
        self.user = user
        self.received = []

    async def send_json(self, data):
        self.received.append(data)

    def heard(self):
        """Return what was sent since the last time."""
        heard, self.received = self.received, []
        return heard


@pytest.fixture
def rooms():
    return Rooms()


@pytest.fixture
async def organisation(db):
    return await OrganisationFactory.create_async()


@pytest.fixture
async def ada(organisation):
    member = await MembershipFactory.create_async(
        organisation=organisation, user__email="a@example.com"
    )
    return Client(member.user)


@pytest.fixture
async def bob(organisation):
    member = await MembershipFactory.create_async(
        organisation=organisation, user__email="b@example.com"
    )
    return Client(member.user)


@pytest.fixture
def send(rooms, organisation):
    """Return a function that has a client send a message."""

    async def message(client, action, **fields):
        content = {"action": action, "organisation_id": str(organisation.id), **fields}
        await rooms.receive(client, client.user, json.dumps(content))

    return message


@pytest.fixture
def said(organisation):
    """Return a function that gives a message as those in the room get it."""

    def message(**content):
        return {"organisation_id": str(organisation.id), **content}

    return message


async def test_those_who_are_there_hear_who_comes_what_is_said_and_who_goes(
    ada, bob, rooms, send, said
):
    await send(ada, "join")
    assert ada.heard() == [said(present=["a@example.com"])]

    await send(bob, "join")
    await send(bob, "say", text="Hello")
    both = said(present=["a@example.com", "b@example.com"])
    hello = {**said(text="Hello"), "from": "b@example.com"}
    assert ada.heard() == bob.heard() == [both, hello]

    await rooms.leave_all(bob)
    await send(ada, "say", text="Bye")
    bye = {**said(text="Bye"), "from": "a@example.com"}
    assert ada.heard() == [said(present=["a@example.com"]), bye]
    assert bob.heard() == []


async def test_who_left_hears_nothing_more_and_says_nothing(ada, bob, send):
    for client in (ada, bob):
        await send(client, "join")
    await send(bob, "leave")
    for client in (ada, bob):
        client.heard()

    await send(ada, "say", text="Psst")
    await send(bob, "say", text="What?")

    assert [message["text"] for message in ada.heard()] == ["Psst"]
    assert bob.heard() == [{"error": "Join first."}]


async def test_a_stranger_is_told_nothing(ada, send):
    stranger = Client(await UserFactory.create_async())
    await send(ada, "join")
    ada.heard()

    await send(stranger, "join")

    assert stranger.heard() == [{"error": "No such organisation."}]
    assert ada.heard() == []


@pytest.mark.parametrize("text", ["", "[]", '{"action": "shout"}', '{"action": "join"}'])
async def test_what_is_no_message_is_answered(rooms, ada, text):
    await rooms.receive(ada, ada.user, text)

    assert ada.heard() == [{"error": "This is no message."}]
