"""A pytest plugin that serves the application, with all fixtures that tests have, until it ends."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from test_harness.errors import HarnessError
from test_harness.findings.looking import Looking
from test_harness.settings import settings

SERVING, ENDED = "Serving on ", "The server has ended."


@dataclass(frozen=True)
class Wanted:
    """What is to be served."""

    host: str
    port: int
    scenario: str

    def listening(self) -> socket.socket:
        """Return a socket that waits for browsers.

        Raises:
            HarnessError: The port is taken, or is none of this machine.
        """
        try:
            return socket.create_server((self.host, self.port))
        except OSError as error:
            raise HarnessError(
                f"Nothing can be served on {self.host}:{self.port}: {error.strerror or error}.",
                "Name another port; `--port 0` takes one that is free.",
            ) from error


def subjects() -> list[str]:
    """Return the module that serves."""
    application = settings().application
    if application.framework == "flask":
        return ["serve_wsgi"]
    return ["serve_sync" if application.mode == "sync" else "serve_async"]


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    parser.addoption("--serve-host", default="127.0.0.1", help="where it listens")
    parser.addoption("--serve-port", type=int, default=8000, help="0 is one that is free")
    parser.addoption("--serve-scenario", default="", help="what is there at the beginning")
    pluginmanager.register(Looking(Path(__file__).parent, subjects))


@pytest.fixture
def wanted(pytestconfig: pytest.Config) -> Wanted:
    """What is to be served."""
    option = pytestconfig.option
    return Wanted(option.serve_host, option.serve_port, option.serve_scenario)


def say_that_it_serves(listening: socket.socket) -> None:
    """Print the address for whoever waits for it."""
    host, port, *_ = listening.getsockname()
    print(f"\n{SERVING}http://{host}:{port}", flush=True)


def server_of_asgi(app: Any) -> Any:
    """Return a server of uvicorn that leaves signals to `ending`.

    Raises:
        HarnessError: uvicorn is not installed.
    """
    try:
        import uvicorn
    except ModuleNotFoundError:
        raise HarnessError(
            "uvicorn, which serves the application, is not installed here.",
            "Install it beside the tests: `pip install uvicorn`.",
        ) from None
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="warning"))

    @contextmanager
    def until_it_ends() -> Iterator[None]:
        with ending(lambda: setattr(server, "should_exit", True)):
            yield

    server.capture_signals = until_it_ends
    return server


@contextmanager
def ending(end: Any) -> Iterator[None]:
    """Within the block, what asks the process to end calls a function instead.

    Args:
        end: The function; what it raises, the block does.
    """

    def call(number: int, frame: FrameType | None) -> None:
        end()

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, call) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
        print(ENDED, flush=True)
