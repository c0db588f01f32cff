"""`test-harness serve` has end-to-end tests of a front end begin with rows, and reaches nothing."""

from __future__ import annotations

import base64
import json
import re
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.worlds import ROOT, build_tree, environment, render, run

pytestmark = pytest.mark.runs

# Each has a module of its own that serves.
CELLS = ("fastapi-async-sqlite", "fastapi-sync-sqlite", "flask-sync-sqlite-http-basic")
Asked = tuple[int, Any]


@pytest.fixture(scope="module")
def rendered(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function that renders the project of a cell, once."""
    folder = tmp_path_factory.mktemp("serve")
    return cache(lambda name: render(template, folder / name.replace("-", "_"), answers_file=name))


class Server:
    """A server that runs, and what it answers."""

    def __init__(self, address: str) -> None:
        self.address = address

    def ask(self, method: str, path: str, content: Any = None, **headers: str) -> Asked:
        """Return status and body of an answer."""
        data = None if content is None else json.dumps(content).encode()
        headers = {"Content-Type": "application/json", **headers}
        asked = urllib.request.Request(  # noqa: S310 - the address is that of the server
            f"{self.address}{path}", data, headers, method=method
        )
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read() or b"null")


@contextmanager
def serving(python: Path, project: Path, *options: str) -> Iterator[Server]:
    """Serve within the block, and see at its end that it ends as it should."""
    driver = "+aiosqlite" if "async" in project.name else ""
    process = subprocess.Popen(
        [python, "-m", "test_harness", "serve", "--port", "0", *options],
        cwd=project,
        env=environment(DATABASE_URL=f"sqlite{driver}:///{project}/real.db"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    assert process.stdout is not None
    try:
        said = process.stdout.readline()
        found = re.fullmatch(r"Serving on (http://127\.0\.0\.1:\d+)\n", said)
        assert found, said + process.stdout.read()
        yield Server(found[1])
        process.send_signal(signal.SIGTERM)
        said = process.stdout.read()
        assert process.wait(30) == 0, said
        assert said.splitlines()[1:] == [], said
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize("cell", CELLS)
def test_scenarios_are_played_and_forgotten(
    rendered: Callable[[str], Path], suite_python: Path, cell: str
) -> None:
    project = rendered(cell)
    with serving(suite_python, project, "--scenario", "demo") as server:
        assert server.ask("GET", "/__test__/scenarios") == (200, ["demo"])
        status, first = server.ask("POST", "/__test__/scenarios/demo")
        assert status == 201
        made = first["made"]
        assert made["busy"]["name"] == "Busy"
        assert len(made["items"]) == 5
        assert "password_hash" not in made["owner"]
        get_in = entering(project, server, first["password"])
        assert get_in(made["owner"]["email"]) == 200

        assert server.ask("POST", "/__test__/reset")[0] == 200
        assert get_in(made["owner"]["email"]) == 401

        _, again = server.ask("POST", "/__test__/scenarios/demo")
        assert get_in(again["made"]["owner"]["email"]) == 200
        # A mail is sent by it, and does not leave.
        signup = {"email": "ada@example.com", "password": first["password"]}
        assert server.ask("POST", "/auth/signup", signup)[0] == 202
        assert server.ask("GET", "/health") == (200, {"status": "ok"})
    assert not (project / "real.db").exists()


def entering(project: Path, server: Server, password: str) -> Callable[[str], int]:
    """Return a function that logs somebody in, and returns how that was answered."""
    if "http_basic" in (project / "tests" / "harness.toml").read_text(encoding="utf-8"):

        def get_in(email: str) -> int:
            shown = base64.b64encode(f"{email}:{password}".encode()).decode()
            return server.ask("GET", "/auth/me", Authorization=f"Basic {shown}")[0]

        return get_in

    def log_in(email: str) -> int:
        return server.ask("POST", "/auth/login", {"email": email, "password": password})[0]

    return log_in


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("POST", "/__test__/scenarios/none", 404, "scenarios.py has no scenario 'none'."),
        ("GET", "/__test__/reset", 405, "/__test__/reset is asked with POST."),
        ("POST", "/__test__/scenarios", 405, "/__test__/scenarios is asked with GET."),
        ("GET", "/__test__/else", 404, "There is no /__test__/else."),
    ],
)
def test_what_is_asked_wrongly_is_told(
    one_server: Server, method: str, path: str, status: int, said: str
) -> None:
    assert one_server.ask(method, path) == (status, {"detail": said})


@pytest.fixture(scope="module")
def one(rendered: Callable[[str], Path]) -> Path:
    return rendered(CELLS[0])


@pytest.fixture(scope="module")
def one_server(one: Path, suite_python: Path) -> Iterator[Server]:
    with serving(suite_python, one) as server:
        yield server


def refused(python: Path, project: Path, *options: str, **variables: str) -> str:
    """Return what is said where nothing can be served."""
    done = run(
        python, "-m", "test_harness", "serve", *options, cwd=project, check=False, **variables
    )
    assert done.returncode == 1, done.stdout
    assert done.stdout.startswith("The application cannot be served:\n")
    return done.stdout


def test_a_port_that_is_taken_is_told(one: Path, suite_python: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refused(suite_python, one, "--port", str(port))
    assert f"Nothing can be served on 127.0.0.1:{port}: " in said
    assert "Fix: Name another port; `--port 0` takes one that is free." in said


def test_a_server_that_is_not_installed_is_told(
    one: Path, suite_python: Path, tmp_path: Path
) -> None:
    build_tree(tmp_path, {"uvicorn.py": "raise ModuleNotFoundError('uvicorn', name='uvicorn')\n"})
    said = refused(suite_python, one, "--port", "0", PYTHONPATH=str(tmp_path))
    assert "uvicorn, which serves the application, is not installed here." in said


def test_a_scenario_that_is_not_there_is_told(one: Path, suite_python: Path) -> None:
    said = refused(suite_python, one, "--port", "0", "--scenario", "none")
    assert "scenarios.py has no scenario 'none'." in said
    assert "Fix: Name one of those that it has: demo." in said


def test_nothing_but_the_server_knows_of_the_address() -> None:
    engine = ROOT / "src" / "test_harness"
    knowing = {
        path.relative_to(engine).as_posix()
        for path in engine.rglob("*.py")
        if "__test__/" in path.read_text(encoding="utf-8")
    }
    assert knowing == {"commands/serve.py", "serving/control.py"}
