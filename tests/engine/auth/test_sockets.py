"""Sockets of a backend that is adopted as it is: its own WebSocket, and Socket.IO around it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from extensions.discovery import Facts, proposals
from tests.worlds import ROOT, build_tree, commit_all, render, run
from tools.derive_sync import derive

LOUNGE = ROOT / "tests" / "backends" / "lounge"
USE = ROOT / "tests" / "socket_use"
SERVED = "served = socketio.ASGIApp(sio, app)\n"

# Other ways to serve Socket.IO and to look at the token: what stands in the backend and what
# instead, and what is found of it.
HANDLER = """
@sio.event
async def connect(sid, environ, auth):
    if not auth or not isinstance(auth.get("token"), str):
        raise ConnectionRefusedError("Show a token.")
    member = await rooms.member_with(auth["token"])
"""
VARIANTS = {
    "a header, mounted": (
        """
@sio.on("connect")
async def opened(sid, environ):
    token = environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
    member = await rooms.member_with(token)
""",
        'app.mount("/live", socketio.ASGIApp(sio, socketio_path=""))\n',
        {"socketio_path": "/live", "socketio_token": "header"},
    ),
    "the query, in a namespace and at a path of its own": (
        """
@sio.event(namespace="/upstairs")
async def connect(sid, environ):
    from urllib.parse import parse_qs

    shown = parse_qs(environ["QUERY_STRING"])
    return await rooms.member_with(shown.get("access_token", [""])[0]) is not None
""",
        'served = socketio.ASGIApp(sio, app, socketio_path="/live/socket.io")\n',
        {
            "socketio_path": "/live/socket.io",
            "socketio_app": "lounge.main:served",
            "socketio_namespace": "/upstairs",
            "socketio_token": "query:access_token",
        },
    ),
    "a cookie": (
        """
@sio.event
async def connect(sid, environ):
    cookies = SimpleCookie(environ.get("HTTP_COOKIE", ""))
    member = await rooms.member_with(cookies["token"].value)
""",
        SERVED,
        {
            "socketio_path": "/socket.io",
            "socketio_app": "lounge.main:served",
            "socketio_token": "cookie",
        },
    ),
    "nothing": (
        """
@sio.event
async def connect(sid, environ):
    member = await rooms.anybody()
""",
        SERVED,
        {},
    ),
    "everybody connected before they are refused": (
        HANDLER,
        f"{SERVED}late = socketio.AsyncServer(always_connect=True)\n",
        {},
    ),
}


def lounge(folder: Path, connect: str = HANDLER, served: str = SERVED) -> Path:
    """Copy the backend, with another handler and server of Socket.IO."""
    path = folder / "lounge"
    shutil.copytree(LOUNGE, path, ignore=shutil.ignore_patterns("__pycache__"))
    for name, old, new in (("realtime", HANDLER, connect), ("main", SERVED, served)):
        file = path / "lounge" / f"{name}.py"
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1
        file.write_text(text.replace(old, new), encoding="utf-8")
    return path


def make_synchronous(path: Path) -> None:
    """Have it ask the database without waiting; what speaks to clients stays as it is."""
    for name in ("db", "main", "rooms", "security"):
        file = path / "lounge" / f"{name}.py"
        file.write_text(derive(file, file).replace("sqlite+aiosqlite", "sqlite"), encoding="utf-8")
    file = path / "lounge" / "realtime.py"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("await rooms.", "rooms."), encoding="utf-8")


def make_flask(path: Path) -> None:
    """Have Flask and Flask-SocketIO serve it."""
    make_synchronous(path)
    shutil.copytree(USE / "flask", path / "lounge", dirs_exist_ok=True)
    text = "flask\nflask-socketio\nsqlalchemy\npyjwt\npwdlib[argon2]\n"
    (path / "requirements.txt").write_text(text, encoding="utf-8")


def adopt(template: Path, path: Path, python: Path, tests: dict[str, str]) -> None:
    """Render a harness around the backend, with factories and tests."""
    commit_all(path)
    render(template, path)
    build_tree(path / "tests", tests)
    run(python, "-m", "pytest", "-q", "--write-factories", cwd=path)


def ended(printed: str, how: str) -> set[str]:
    """Return the tests that ended in some way, without parameters."""
    return set(re.findall(rf"::(\w+)(?:\[.*\])? {how}", printed))


@pytest.mark.runs
@pytest.mark.parametrize("kind", ["fastapi async", "fastapi sync", "flask sync"])
def test_sockets_are_checked_and_can_be_used(
    template: Path, suite_python: Path, tmp_path: Path, kind: str
) -> None:
    path = lounge(tmp_path)
    mode = kind.rpartition(" ")[2]
    use = USE / "use_async.py"
    tests = {"api/test_rooms.py": use.read_text() if mode == "async" else derive(use, use)}
    if mode == "async":
        tests["api/test_protocol.py"] = (USE / "protocol.py").read_text()
    elif kind == "fastapi sync":
        make_synchronous(path)
    else:
        make_flask(path)
        # It has no plain WebSocket, and its client gives what it gets.
        without_screen = tests["api/test_rooms.py"].partition("\n\ndef test_a_screen")[0]
        tests["api/test_rooms.py"] = without_screen.replace("is None", "== []") + "\n"
    adopt(template, path, suite_python, tests)
    if kind == "flask sync":
        # What the first run of an adoption sees.
        settings = path / "tests" / "harness.toml"
        text = settings.read_text(encoding="utf-8")
        settings.write_text(text.replace("[flows]\n", "[flows]\nmalformed_status = 400\n"))
    printed = run(suite_python, "-m", "pytest", "-v", cwd=path).stdout
    assert f"test harness: {kind}" in printed
    checks = path / "tests" / "checks"
    files = [*checks.glob("test_socket_*.py"), *checks.glob("test_socketio_*.py")]
    assert len(files) == (1 if kind == "flask sync" else 2)
    written = {
        name
        for file in [*files, *(path / "tests" / "api").glob("*.py")]
        for name in re.findall(r"^(?:async )?def (test_\w+)", file.read_text(), re.MULTILINE)
    }
    without_logout = {name for name in written if name.startswith("test_who_logged_out")}
    assert len(without_logout) == len(files)
    assert written - ended(printed, "PASSED") == without_logout
    assert without_logout <= ended(printed, "SKIPPED")

    file = path / "lounge" / "realtime.py"
    text = file.read_text(encoding="utf-8")
    everybody = re.sub(r'raise \w+\("The token is not valid."\)', "return True", text)
    assert everybody != text
    file.write_text(everybody, encoding="utf-8")
    done = run(suite_python, "-m", "pytest", "-v", "-k", "test_socketio", cwd=path, check=False)
    assert ended(done.stdout, "FAILED") >= {"test_a_malformed_token_does_not_connect"}
    assert "DID NOT RAISE" in done.stdout


@pytest.mark.runs
@pytest.mark.parametrize("variant", [name for name in VARIANTS if "," in name])
def test_socketio_is_reached_where_it_was_found(
    template: Path, suite_python: Path, tmp_path: Path, variant: str
) -> None:
    connect, served, _ = VARIANTS[variant]
    path = lounge(tmp_path, connect, served)
    adopt(template, path, suite_python, {})
    printed = run(suite_python, "-m", "pytest", "-v", "-k", "test_socketio", cwd=path).stdout
    assert ended(printed, "SKIPPED") == {"test_who_logged_out_does_not_connect"}
    assert "10 passed, 1 skipped" in printed


@pytest.mark.runs
def test_an_application_without_socketio_says_so(
    template: Path, suite_python: Path, tmp_path: Path
) -> None:
    path = lounge(tmp_path)
    adopt(template, path, suite_python, {})
    done = run(
        suite_python, "-m", "pytest", "-q", "-rs", "-k", "test_socketio", cwd=path,
        TEST_HARNESS_FLOWS_SOCKETIO_PATH="",
    )  # fmt: skip
    assert "no Socket.IO (answer flows.socketio_path of harness.toml)" in done.stdout
    assert "11 skipped" in done.stdout


@pytest.mark.parametrize("variant", VARIANTS)
def test_socketio_is_found(tmp_path: Path, variant: str) -> None:
    connect, served, expected = VARIANTS[variant]
    found = proposals(Facts(lounge(tmp_path, connect, served)))["flows"]
    assert {key: found[key] for key in found if key.startswith("socketio")} == expected


def test_a_namespace_that_is_a_class_is_found(tmp_path: Path) -> None:
    path = lounge(
        tmp_path,
        """
class Upstairs(socketio.AsyncNamespace):
    async def on_connect(self, sid, environ, auth):
        if await rooms.member_with(auth["jwt"]) is None:
            return False


sio.register_namespace(Upstairs("/upstairs"))


async def remember(sid, member):
    pass
""",
    )
    found = proposals(Facts(path))["flows"]
    assert found["socketio_namespace"] == "/upstairs"
    assert found["socketio_token"] == 'auth:{"jwt": "$token"}'  # noqa: S105 - a place


def test_flask_socketio_is_found(tmp_path: Path) -> None:
    path = lounge(tmp_path)
    make_flask(path)
    found = proposals(Facts(path))["flows"]
    assert {key: found[key] for key in found if key.startswith("socketio")} == {
        "socketio_path": "/socket.io",
        "socketio_app": "lounge.realtime:socketio",
        "socketio_token": 'auth:{"token": "$token"}',
    }


def test_only_what_has_sockets_gets_them(template: Path, tmp_path: Path) -> None:
    connect, served, _ = VARIANTS["nothing"]
    path = lounge(tmp_path, connect, served)
    commit_all(path)
    render(template, path)
    rendered = {file.name for file in path.rglob("*socket*") if file.suffix == ".py"}
    assert rendered == {"test_socket_async.py"}


def test_who_nobody_logs_in_to_gets_no_sockets(template: Path, tmp_path: Path) -> None:
    path = lounge(tmp_path)
    commit_all(path)
    render(template, path, auth="none")
    assert list(path.rglob("*socket*")) == []
