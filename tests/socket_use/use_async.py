"""Guests of the lounge hear those who are in the same room, and see what was said there."""

from __future__ import annotations

import pytest
from lounge.models import Guest, Saying
from sqlalchemy import func, select

from test_harness import SocketClosed


@pytest.fixture
def guest(db, credential_of, member_factory):
    """Return a function that gives what somebody shows who may enter some rooms."""

    async def make(name, *rooms):
        member = await member_factory(email=f"{name}@example.com")
        db.add_all([Guest(room=room, member_id=member.id) for room in rooms])
        await db.commit()
        return await credential_of(member)

    return make


async def sayings(db):
    return await db.scalar(select(func.count()).select_from(Saying))


async def test_who_is_in_a_room_hears_the_others(db, open_socketio, guest):
    ada, bob = await guest("ada", "bar"), await guest("bob", "bar")
    async with open_socketio(ada) as first, open_socketio(bob) as second:
        assert await first.call("enter", "bar") == {"entered": "bar"}
        assert await second.call("enter", "bar") == {"entered": "bar"}
        assert await first.receive() == ("entered", "bob@example.com")
        said = await second.call("say", "bar", "Good evening!")
        expected = {"from": "bob@example.com", "text": "Good evening!"}
        assert await first.receive() == ("said", expected)
        assert await second.receives_nothing()
        saying = await db.get(Saying, said["id"])
        assert saying.text == "Good evening!"
        await second.disconnect()
        assert await first.receive() == ("left", "bob@example.com")


async def test_what_was_said_is_gone_after_the_test(db):
    assert await sayings(db) == 0


async def test_who_is_elsewhere_hears_nothing(db, open_socketio, guest):
    ada, eve = await guest("ada", "bar"), await guest("eve", "attic")
    async with open_socketio(ada) as first, open_socketio(eve) as second:
        assert await first.call("enter", "bar") == {"entered": "bar"}
        assert await second.call("enter", "bar") == {"error": "You are no guest of this room."}
        assert await second.call("enter", "attic") == {"entered": "attic"}
        await first.call("say", "bar", "Alone?")
        assert await second.receives_nothing()
        assert await second.call("say", "bar", "No!") == {"error": "You are not in this room."}
        assert await first.receives_nothing()
        assert await sayings(db) == 1


async def test_others_in_the_room_see_who_is_typing(open_socketio, guest):
    ada, bob = await guest("ada", "bar"), await guest("bob", "bar")
    async with open_socketio(ada) as first, open_socketio(bob) as second:
        await first.call("enter", "bar")
        await second.call("typing", "bar")
        assert await first.receives_nothing()
        await second.call("enter", "bar")
        assert await first.receive() == ("entered", "bob@example.com")
        await second.call("typing", "bar")
        assert await first.receive() == ("typing", "bob@example.com")
        assert await second.receives_nothing()


async def test_who_left_a_room_hears_nothing(open_socketio, guest):
    ada, bob = await guest("ada", "bar"), await guest("bob", "bar")
    async with open_socketio(ada) as first, open_socketio(bob) as second:
        await first.call("enter", "bar")
        await second.call("enter", "bar")
        assert await first.receive() == ("entered", "bob@example.com")
        assert await first.call("leave", "bar") is None
        await second.call("say", "bar", "Farewell!")
        assert await first.receives_nothing()


async def test_who_is_thrown_out_knows_it(open_socketio, guest):
    async with open_socketio(await guest("ada")) as client:
        await client.emit("go_home")
        with pytest.raises(SocketClosed, match="disconnected the client"):
            await client.receive()


async def test_a_screen_shows_what_was_said(open_socket, open_socketio, guest):
    ada = await guest("ada", "bar")
    async with open_socketio(ada) as client, open_socket(ada) as screen:
        await client.call("enter", "bar")
        await client.call("say", "bar", "Look up!")
        await screen.send_text("bar")
        assert await screen.receive_json() == {"room": "bar", "newest": "Look up!"}
