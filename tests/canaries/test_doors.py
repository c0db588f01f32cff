"""Programs, children, sockets and libraries that would reach what is somebody's; each twice."""

from __future__ import annotations

import asyncio
import ctypes
import os
import shlex
import socket
import sqlite3
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from test_harness import DatabaseLockedError, NetworkBlockedError
from test_harness.lock.connections import permitted
from test_harness.project import suite_dir

pytestmark = pytest.mark.parametrize("round_", [1, 2])

PRODUCTION = suite_dir() / "production-of-the-doors.sqlite3"
OPENS = f"import sqlite3; sqlite3.connect({str(PRODUCTION)!r}).execute('CREATE TABLE a (b)')"
STARTUP = struct.pack("!ii", 17, 196608) + b"user\0me\0\0"


class Decoy:
    """A server that is not of the test: it notes what it hears, and hangs up."""

    def __init__(self) -> None:
        with permitted():
            self._server = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = self._server.getsockname()
        self.heard: list[bytes] = []
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                with self._server.accept()[0] as reached:
                    reached.settimeout(1)
                    self.heard.append(reached.recv(64))

    def close(self) -> None:
        """Hear no more."""
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join()


@pytest.fixture
def decoy() -> Iterator[Decoy]:
    made = Decoy()
    yield made
    made.close()


def in_a_folder(words: list[str]) -> str:
    return f"cd /; {shlex.join(words)}"


async def by_asyncio(words: list[str]) -> None:
    await asyncio.create_subprocess_exec(*words)


async def by_a_shell_of_asyncio(words: list[str]) -> None:
    await asyncio.create_subprocess_shell(shlex.join(words))


WAYS: dict[str, Callable[[list[str]], Any]] = {
    "run": subprocess.run,
    "check_output": subprocess.check_output,
    "shell": lambda words: subprocess.run(in_a_folder(words), shell=True, check=True),  # noqa: S602
    "system": lambda words: os.system(f"{shlex.join(words)} | cat"),  # noqa: S605
    "popen": lambda words: os.popen(f"A=1 {shlex.join(words)}"),  # noqa: S605
    "posix_spawn": lambda words: os.posix_spawnp(words[0], words, os.environ),
    "asyncio": lambda words: asyncio.run(by_asyncio(words)),
    "asyncio-shell": lambda words: asyncio.run(by_a_shell_of_asyncio(words)),
    "sudo": lambda words: subprocess.run(["sudo", "-u", "postgres", *words], check=True),
    "docker": lambda words: subprocess.run(["docker", "exec", "-i", "db", *words], check=True),
}
PROGRAMS = {
    "psql": ["psql", "--host=127.0.0.1", "--port=PORT", "orders"],
    "pg_dump": ["/usr/bin/pg_dump", "postgresql://me@127.0.0.1:PORT/orders"],
    "mysql": ["mysql", "--protocol=tcp", "--host=127.0.0.1", "--port=PORT", "orders"],
    "sqlite3": ["sqlite3", str(PRODUCTION), "CREATE TABLE a (b)"],
    "redis-cli": ["redis-cli", "-h", "127.0.0.1", "-p", "PORT", "FLUSHALL"],
}


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("way", WAYS)
def test_a_client_is_refused(decoy: Decoy, round_: int, way: str, program: str) -> None:
    port = str(decoy.address[1])
    words = [word.replace("PORT", port) for word in PROGRAMS[program]]
    with pytest.raises((DatabaseLockedError, NetworkBlockedError), match=r"test_doors\.py:\d+ "):
        WAYS[way](words)
    assert (decoy.heard, PRODUCTION.exists()) == ([], False)


CHILDREN: dict[str, Callable[[Path], subprocess.CompletedProcess[str]]] = {
    "environment": lambda folder: started(["-c", OPENS], env={}),
    "isolated": lambda folder: started(["-I", "-c", OPENS]),
    "script": lambda folder: started(["-ES", script(folder)], env={"A": "1"}),
}


def started(words: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], stderr=subprocess.PIPE, text=True, check=False, **options
    )


def script(folder: Path) -> str:
    path = folder / "script.py"
    path.write_text(OPENS)
    return str(path)


@pytest.mark.parametrize("child", CHILDREN)
def test_a_child_is_refused(tmp_path: Path, round_: int, child: str) -> None:
    done = CHILDREN[child](tmp_path)
    assert f"tried to open the SQLite file {PRODUCTION} in a subprocess of the tests" in done.stderr
    assert not PRODUCTION.exists()


def test_a_driver_that_nobody_knows_is_refused(decoy: Decoy, round_: int) -> None:
    refused = pytest.raises(DatabaseLockedError, match=r"test_doors\.py:\d+ .* a PostgreSQL server")
    with socket.create_connection(decoy.address) as attempt, refused:
        attempt.sendall(STARTUP)
    decoy.close()
    assert b"".join(decoy.heard) == b""


def test_a_broker_is_refused_whatever_library_asks(decoy: Decoy, round_: int) -> None:
    refused = pytest.raises(NetworkBlockedError, match=r"test_doors\.py:\d+ .* RabbitMQ at ")
    with socket.create_connection(decoy.address) as attempt, refused:
        attempt.send(b"AMQP\0\0\x09\x01")
    decoy.close()
    assert b"".join(decoy.heard) == b""


def test_a_c_library_is_refused(round_: int) -> None:
    with pytest.raises(DatabaseLockedError, match=r"test_doors\.py:\d+ .* \(sqlite3_open_v2\)"):
        ctypes.CDLL(None).sqlite3_open_v2  # noqa: B018 - asked for, it is there to be called


@pytest.mark.parametrize("statement", ["ATTACH '{}' AS production", "VACUUM INTO '{}'"])
def test_a_statement_that_opens_a_file_is_refused(round_: int, statement: str) -> None:
    connection = sqlite3.connect(":memory:")
    with pytest.raises(sqlite3.DatabaseError, match="authoriz"):
        connection.execute(statement.format(PRODUCTION))
    connection.close()
    assert not PRODUCTION.exists()


def test_what_is_nobodys_data_is_left_alone(tmp_path: Path, round_: int) -> None:
    code = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('CREATE TABLE a (b)')"
    done = started(["-I", "-c", code, str(tmp_path / "scratch.sqlite3")], env={})
    assert (done.returncode, done.stderr) == (0, "")
    subprocess.run("echo psql; echo 'a; mysql' | cat", shell=True, check=True)  # noqa: S602
    with socket.create_server(("127.0.0.1", 0)) as own:
        with socket.create_connection(own.getsockname()) as client:
            client.sendall(STARTUP)
        with own.accept()[0] as heard:
            assert heard.recv(64) == STARTUP
