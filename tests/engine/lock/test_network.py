"""Whichever way the application takes to the network, it is stopped, and the caller is named."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tests.worlds import build_tree, render, run

pytestmark = pytest.mark.runs

CLIENTS = '''
    """Calls to servers of others."""

    import asyncio
    import socket
    import urllib.request
    from concurrent.futures import ThreadPoolExecutor

    import httpx2

    def in_a_library():
        urllib.request.urlopen("http://api.invalid/")

    def in_a_thread():
        with ThreadPoolExecutor() as pool:
            pool.submit(in_a_library).result()

    def by_number():
        socket.create_connection(("192.0.2.1", 80), timeout=1)

    def without_a_connection():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"metric", ("192.0.2.1", 8125))

    async def in_the_loop():
        await asyncio.open_connection("api.invalid", 80)

    async def with_httpx():
        async with httpx2.AsyncClient() as client:
            await client.get("http://api.invalid/")

    def swallowed():
        try:
            in_a_library()
        except OSError:
            return "offline"
'''

TESTS = """
    import pytest

    from app import clients

    @pytest.mark.parametrize(
        "call", ["in_a_library", "in_a_thread", "by_number", "without_a_connection"]
    )
    def test_call(call):
        getattr(clients, call)()

    @pytest.mark.parametrize("call", ["in_the_loop", "with_httpx"])
    async def test_asynchronous_call(call):
        await getattr(clients, call)()

    def test_swallowed():
        assert clients.swallowed() == "offline"

    @pytest.mark.network
    def test_marked():
        with pytest.raises(OSError, match="Name or service|name resolution|not known"):
            clients.in_a_library()
"""


def test_calls_are_blocked_and_named(template: Path, suite_python: Path, tmp_path: Path) -> None:
    project = render(template, tmp_path / "project", answers_file="fastapi-async-sqlite")
    build_tree(
        project, {"app/clients.py": dedent(CLIENTS), "tests/api/test_clients.py": dedent(TESTS)}
    )

    test = "tests/api/test_clients.py"
    said = run(suite_python, "-m", "pytest", "-q", test, cwd=project, check=False).stdout

    assert "6 failed, 2 passed" in said
    lines = (project / "app" / "clients.py").read_text().splitlines()
    for call, target in (
        ('urllib.request.urlopen("http://api.invalid/")', "api.invalid:80"),
        ("socket.create_connection(", "192.0.2.1:80"),
        ("sender.sendto(", "192.0.2.1:8125"),
        ("await asyncio.open_connection(", "api.invalid:80"),
        ('await client.get("http://api.invalid/")', "api.invalid:80"),
    ):
        number = next(n for n, line in enumerate(lines, start=1) if call in line)
        assert f"app/clients.py:{number} tried to reach {target}" in said
    assert "which is not on this machine. (in 1 passed test)" in said
