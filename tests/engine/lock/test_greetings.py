"""A driver that nobody knows is known by what it says first, which its server never hears."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from typing import Any

import pytest

from test_harness.errors import DatabaseLockedError, NetworkBlockedError
from test_harness.lock.connections import Lock
from test_harness.lock.greetings import greeted
from test_harness.lock.network import NetworkOfChildren
from tests.worlds import ROOT

STARTUP = struct.pack("!ii", 17, 196608) + b"user\0me\0\0"
MYSQL = (84).to_bytes(3, "little") + b"\1" + struct.pack("<IIB", 0xFA68D, 1 << 24, 45) + bytes(23)
GREETINGS: dict[str, list[Any]] = {
    "PostgreSQL": [STARTUP, struct.pack("!ii", 8, 80877103), bytearray(STARTUP)],
    "MySQL": [MYSQL + b"me\0" + bytes(49)],
    "SQL Server": [b"\x12\x01\x00\x08\x00\x00\x01\x00"],
    "Redis": [b"*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n"],
    "RabbitMQ": [b"AMQP\x00\x00\x09\x01"],
    "MongoDB": [struct.pack("<iiii", 20, 1, 0, 2013) + bytes(4)],
    "the mail server": [b"EHLO me\r\n", b"helo me\r\n"],
}  # fmt: skip
OTHERS = [
    b"",
    b"*",
    b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    bytes.fromhex("160301020001000001fc0303") + bytes(500),
    b'{"jsonrpc": "2.0"}',
    bytes(64),
    b"**bold**",
    struct.pack("!i", 5) + b"abcde",
]


@pytest.mark.parametrize(
    ("data", "what"), [(data, what) for what, several in GREETINGS.items() for data in several]
)
def test_a_greeting_is_known(data: Any, what: str) -> None:
    assert greeted(data) == what


@pytest.mark.parametrize("data", OTHERS)
def test_what_is_none_is_not(data: bytes) -> None:
    assert greeted(data) == ""


@pytest.fixture
def lock() -> Iterator[Lock]:
    installed = Lock(ROOT, lambda: "directly", "Do not.")
    installed.install()
    try:
        NetworkOfChildren().ask(installed)
        yield installed
    finally:
        installed.uninstall()


@pytest.mark.parametrize(
    ("data", "error", "said"),
    [
        (STARTUP, DatabaseLockedError, "tried to open a PostgreSQL server at 127.0.0.1:"),
        (MYSQL + bytes(52), DatabaseLockedError, "tried to open a MySQL server at 127.0.0.1:"),
        (GREETINGS["Redis"][0], NetworkBlockedError, "tried to reach Redis at 127.0.0.1:"),
        (GREETINGS["RabbitMQ"][0], NetworkBlockedError, "tried to reach RabbitMQ at 127.0.0.1:"),
    ],
)
def test_its_server_hears_nothing(
    request: pytest.FixtureRequest, data: bytes, error: type[Exception], said: str
) -> None:
    # Made before the lock, as a server of somebody else is.
    with socket.create_server(("127.0.0.1", 0)) as server:
        request.getfixturevalue("lock")
        with socket.create_connection(server.getsockname()) as attempt:
            for send in (attempt.send, attempt.sendall):
                with pytest.raises(error, match=rf"test_greetings\.py:\d+ {said}"):
                    send(data)
            attempt.sendall(b"GET / HTTP/1.1\r\n")
        with server.accept()[0] as heard:
            assert heard.recv(1024) == b"GET / HTTP/1.1\r\n"


def test_a_server_of_the_test_hears_all(lock: Lock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname()) as client:
            client.sendall(STARTUP)
        with server.accept()[0] as heard:
            assert heard.recv(1024) == STARTUP


def test_sockets_are_as_they_were() -> None:
    assert not {"send", "sendall"} & vars(socket.socket).keys()
