"""The client of Socket.IO, with an application that says what the test tells it to."""

from __future__ import annotations

import pytest

from test_harness import ApplicationError, ConnectionRefused, SocketClosed
from test_harness.auth.sockets.socketio import SocketIO

OPENED = ["0{}", '40{"sid":"a"}']


class Scripted:
    """Sends some packets, and keeps what it is sent."""

    def __init__(self, *packets, after=0):
        self._packets = packets
        self._after = after
        self.heard = []

    async def __call__(self, scope, receive, send):
        assert (await receive())["type"] == "websocket.connect"
        await send({"type": "websocket.accept"})
        for packet in self._packets:
            kind = "bytes" if isinstance(packet, bytes) else "text"
            await send({"type": "websocket.send", kind: packet})
        while (event := await receive())["type"] != "websocket.disconnect":
            self.heard.append(event["text"])


async def connected(*packets, **given):
    app = Scripted(*OPENED, *packets)
    client = SocketIO(app, **given)
    await client.connect()
    return app, client


async def test_a_ping_is_answered():
    app, client = await connected("2", '42["said","hi",1]')
    assert await client.receive() == ("said", "hi", 1)
    await client.disconnect()
    assert app.heard == ["40", "3", "41"]


async def test_what_a_handler_returned_comes_back():
    app, client = await connected("431[]", '432["one"]', '42["between"]', '433["one",2]')
    assert await client.call("ask") is None
    assert await client.call("ask", {"a": 1}) == "one"
    assert await client.call("ask") == ("one", 2)
    assert await client.receive() == ("between",)
    await client.disconnect()
    assert app.heard == ["40", '421["ask"]', '422["ask", {"a": 1}]', '423["ask"]', "41"]


async def test_a_namespace_stands_before_what_is_sent():
    app = Scripted("0{}", '40/bar,{"sid":"b"}', '42/bar,["said"]', '43/bar,1["done"]')
    client = SocketIO(app, namespace="/bar")
    await client.connect()
    assert await client.receive() == ("said",)
    assert await client.call("ask") == "done"
    await client.disconnect()
    assert app.heard == ["40/bar,", '42/bar,1["ask"]', "41/bar,"]


@pytest.mark.parametrize("text", ['44{"message":"no"}', '44/,{"message":"no"}'])
async def test_a_refusal_says_why(text):
    client = SocketIO(Scripted("0{}", text))
    with pytest.raises(ConnectionRefused, match="refused the connection: ") as refused:
        await client.connect()
    assert refused.value.answer == {"message": "no"}
    await client.disconnect()


async def test_a_client_that_is_disconnected_knows_it():
    _, client = await connected("41")
    with pytest.raises(SocketClosed, match="disconnected the client"):
        await client.receive()
    await client.disconnect()


@pytest.mark.parametrize("packet", [b"\x00", '451-["picture",{"_placeholder":true}]', "6"])
async def test_what_cannot_be_read_is_named(packet):
    _, client = await connected(packet)
    with pytest.raises(ApplicationError, match="which this client cannot read"):
        await client.receive()
    await client.disconnect()


async def test_where_there_is_no_socketio_the_status_is_told():
    async def nothing_there(scope, receive, send):
        await receive()
        await send({"type": "http.response.start", "status": 404, "headers": []})

    client = SocketIO(nothing_there)
    with pytest.raises(SocketClosed) as closed:
        await client.connect()
    assert closed.value.code == 404
