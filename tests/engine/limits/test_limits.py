"""Whatever does not end is ended, and the message says what waited for what and how to mend it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from tests.engine.factories.test_factory_messages import HEAD, THING
from tests.engine.factories.test_factory_zoo import of_models
from tests.worlds import build_tree, render, run

pytestmark = pytest.mark.runs

Suite = Callable[..., subprocess.CompletedProcess[str]]

# A busy machine takes some for the framework alone.
START = 6


@pytest.fixture(scope="module")
def rendered(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample of an asynchronous application."""
    folder = tmp_path_factory.mktemp("rendered") / "project"
    return render(template, folder, answers_file="fastapi-async-sqlite-open")


@pytest.fixture
def project(rendered: Path, tmp_path: Path) -> Path:
    """The sample, for one test."""
    return shutil.copytree(rendered, tmp_path / "project")


@pytest.fixture
def suite(project: Path, suite_python: Path) -> Suite:
    """Runs tests of the project, each of which may take two seconds."""

    def run_suite(
        *arguments: str, seconds: int = 2, start: int = 60
    ) -> subprocess.CompletedProcess[str]:
        return run(
            suite_python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments, cwd=project,
            check=False, TEST_HARNESS_LIMITS_TEST=str(seconds), TEST_HARNESS_LIMITS_END="2",
            TEST_HARNESS_LIMITS_START=str(start),
        )  # fmt: skip

    return run_suite


def line_of(path: Path, text: str) -> int:
    """Return the number of the first line that has a text."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


STUCK = """
    import asyncio
    import socket
    import threading
    import time

    import pytest

    from app.main import app as application


    @application.get("/slow")
    def slow():
        time.sleep(8)


    @application.get("/slow-too")
    async def slow_too():
        await asyncio.Lock().acquire()
        await asyncio.sleep(98)


    def test_waits():
        threading.Event().wait()


    def test_asks():
        here, there = socket.socketpair()
        with here, there:
            here.recv(1)


    async def test_awaits():
        await asyncio.Event().wait()


    async def test_blocks_the_loop():
        time.sleep(97)


    async def test_asks_a_route(client):
        await client.get("/slow-too")


    async def test_asks_a_route_in_a_thread(client):
        await client.get("/slow")


    @pytest.fixture
    def left_late():
        yield
        time.sleep(96)


    def test_tears_down(left_late):
        pass


    @pytest.fixture
    async def left_late_too():
        async with asyncio.timeout(95):
            yield
            await asyncio.sleep(94)


    async def test_tears_down_in_the_loop(left_late_too):
        pass


    @pytest.mark.timeout(60)
    def test_is_known_to_be_slow():
        time.sleep(3)


    async def test_after_all_of_them(client, db):
        assert (await client.get("/health")).status_code == 200
"""


def test_a_test_that_never_ends_fails_and_the_others_run(project: Path, suite: Suite) -> None:
    build_tree(project, {"tests/api/test_stuck.py": dedent(STUCK)})

    said = suite("tests/api/test_stuck.py").stdout

    assert "6 failed, 4 passed, 2 errors" in said
    file = "tests/api/test_stuck.py"
    for what, text, deed in (
        (f"{file}::test_waits", "threading.Event().wait()", "waits for a thread"),
        (f"{file}::test_asks", "here.recv(1)", "waits for an answer"),
        (f"{file}::test_awaits", "await asyncio.Event().wait()", "waits for another task"),
        (f"{file}::test_blocks_the_loop", "time.sleep(97)", "sleeps"),
        (f"{file}::test_asks_a_route", "await asyncio.sleep(98)", "sleeps"),
        (f"The teardown of {file}::test_tears_down", "time.sleep(96)", "sleeps"),
        (
            f"The teardown of {file}::test_tears_down_in_the_loop",
            "await asyncio.sleep(94)",
            "sleeps",
        ),
    ):
        place = f"{file}:{line_of(project / file, text)}"
        assert f"{what} did not end within 2 seconds: {place} {deed} (`{text}`).\n  Fix: " in said
    # Which thread it waits for, nobody can say for certain: both are shown.
    line = line_of(project / file, 'await client.get("/slow")')
    asked = f"{file}:{line} waits"
    assert f"test_asks_a_route_in_a_thread did not end within 2 seconds: {asked}" in said
    assert (
        f"\n      {file}:{line_of(project / file, 'time.sleep(8)')} in slow  time.sleep(8)" in said
    )


SWALLOWED = """
    import time


    def test_never_gives_up():
        while True:
            try:
                time.sleep(99)
            except BaseException:
                pass


    def test_another():
        pass
"""


def test_what_swallows_every_error_is_ended_with_its_worker(project: Path, suite: Suite) -> None:
    build_tree(project, {"tests/unit/test_stuck.py": dedent(SWALLOWED)})

    done = suite("tests/unit/test_stuck.py", "-n", "1", seconds=1)

    assert (
        "tests/unit/test_stuck.py::test_never_gives_up did not end within 1 seconds: "
        "tests/unit/test_stuck.py:8 sleeps (`time.sleep(99)`).\n  Fix: "
    ) in done.stdout
    # Another worker does the rest.
    assert "1 failed, 1 passed" in done.stdout


NOTHING_RUNS = """
    import ctypes
    import time


    def test_holds_the_interpreter():
        time.sleep(0.5)  # until the clock has seen that it runs
        ctypes.PyDLL(None).sleep(99)
"""


def test_what_lets_nothing_of_python_run_is_ended_too(project: Path, suite: Suite) -> None:
    build_tree(project, {"tests/unit/test_stuck.py": dedent(NOTHING_RUNS)})

    done = suite("tests/unit/test_stuck.py", seconds=1)

    assert done.stdout.startswith("Timeout (0:00:")
    assert 'tests/unit/test_stuck.py", line 8 in test_holds_the_interpreter' in done.stdout
    assert done.returncode == 1


ASKS = """
    import pytest
    from sqlalchemy import create_engine, text


    def asks(driver):
        engine = create_engine(f"postgresql+{driver}://nobody@db.example.com/shop")
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_sleep(98)"))


    @pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
    def test_asks(driver):
        asks(driver)


    @pytest.mark.real_commits
    def test_asks_for_real():
        asks("psycopg2")


    def test_after_all_of_them(db):
        assert db.scalar(text("SELECT 1")) == 1
"""


def test_what_a_server_does_not_end_is_ended_there(
    template: Path, suite_python: Path, tmp_path: Path
) -> None:
    build_tree(tmp_path / "shop", {"shop.py": HEAD + THING})
    project = of_models(template, tmp_path / "shop", "shop:Base", "postgresql")
    build_tree(project, {"tests/test_asks.py": dedent(ASKS)})

    done = run(
        suite_python, "-m", "pytest", "-q", "tests/test_asks.py", cwd=project, check=False,
        TEST_HARNESS_LIMITS_TEST="6",
    )  # fmt: skip

    assert "3 failed, 1 passed" in done.stdout
    said = "did not end within 6 seconds: tests/test_asks.py:9 asks the database (`connection."
    for test in ("test_asks[psycopg]", "test_asks[psycopg2]", "test_asks_for_real"):
        assert f"tests/test_asks.py::{test} {said}" in done.stdout


TELEMETRY = """
    import time
    import urllib.request


    def send():
        while True:
            try:
                urllib.request.urlopen("http://telemetry.example.com/")
            except OSError:
                time.sleep(0.5)
            else:
                return
"""


def test_an_import_that_tries_for_ever_names_what_it_wants(project: Path, suite: Suite) -> None:
    main = project / "app" / "main.py"
    text = main.read_text(encoding="utf-8")
    main.write_text(f"{text}\nfrom app import telemetry\n\ntelemetry.send()\n", encoding="utf-8")
    build_tree(project, {"app/telemetry.py": dedent(TELEMETRY)})

    done = suite("tests/checks/test_health_async.py", start=START)

    assert (
        f"The import of app.main:app did not end within {START} seconds: "
        "app/telemetry.py:11 sleeps (`time.sleep(0.5)`). app/telemetry.py:9 tried to reach "
        "telemetry.example.com:80, which is not on this machine ("
    ) in done.stdout
    assert "\n  Fix: Have it done later or switch it off in test.env, or raise" in done.stdout
    assert "\n      app/main.py:" in done.stdout
    assert "no tests ran" in done.stdout


LIFESPAN = """
    import asyncio


    async def search_engine():
        for _ in range(600):
            try:
                await asyncio.open_connection("127.0.0.1", 9)
            except OSError:
                await asyncio.sleep(1)


    async def queue_is_empty():
        await asyncio.Queue().join()
        await asyncio.Queue().get()
"""


@pytest.mark.parametrize("phase", ["start-up", "shutdown"])
def test_a_life_that_never_begins_or_ends_is_told_of(
    project: Path, suite: Suite, phase: str
) -> None:
    main = project / "app" / "main.py"
    text = main.read_text(encoding="utf-8")
    waits = {
        "start-up": ("    yield\n", "    await service.search_engine()\n    yield\n"),
        "shutdown": ("    yield\n", "    yield\n    await service.queue_is_empty()\n"),
    }
    text = text.replace(*waits[phase], 1).replace(
        "from app.routers", "from app import service\nfrom app.routers"
    )
    main.write_text(text, encoding="utf-8")
    build_tree(project, {"app/service.py": dedent(LIFESPAN)})

    said = suite("tests/checks/test_health_async.py", start=START).stdout

    place, deed, counts = {
        "start-up": ("app/service.py:10", "sleeps (`await asyncio.sleep(1)`)", "no tests ran"),
        "shutdown": (
            "app/service.py:15",
            "waits for another task (`await asyncio.Queue().get()`)",
            "1 error",
        ),
    }[phase]
    assert (
        f"The {phase} of the application did not end within {START} seconds: {place} {deed}.\n"
        "  Fix: Give it what it waits for, a double or another address in test.env, or raise"
    ) in said
    assert counts in said


LEFT = """
    import atexit
    import threading
    import time
    import urllib.request


    def poll():
        while True:
            time.sleep(1)


    def say_goodbye():
        try:
            urllib.request.urlopen("http://telemetry.example.com/")
        except OSError as error:
            print(f"at exit: {error}", flush=True)
"""


def test_a_process_that_goes_on_after_the_tests_is_ended_with_their_status(
    project: Path, suite: Suite
) -> None:
    test = """
        import threading

        from app import left

        def test_it():
            threading.Thread(target=left.poll, name="poller").start()
    """
    build_tree(project, {"app/left.py": dedent(LEFT), "tests/unit/test_it.py": dedent(test)})

    done = suite("tests/unit/test_it.py")

    assert "1 passed" in done.stdout
    assert (
        "The process did not end within 2 seconds: app/left.py:10 sleeps (`time.sleep(1)`).\n"
        "  Fix: Make the thread a daemon or end it when the application shuts down, or raise"
    ) in done.stdout
    assert "    thread that is no daemon, poller:\n      app/left.py:10 in poll" in done.stdout
    assert done.returncode == 0


def test_the_lock_is_on_until_the_process_is_gone(project: Path, suite: Suite) -> None:
    test = """
        import atexit

        from app import left

        def test_it():
            atexit.register(left.say_goodbye)
    """
    build_tree(project, {"app/left.py": dedent(LEFT), "tests/unit/test_it.py": dedent(test)})

    said = suite("tests/unit/test_it.py").stdout

    assert "at exit: <urlopen error app/left.py:15 tried to reach telemetry.example.com:80" in said


def test_a_debugger_is_given_the_time_that_a_person_takes(project: Path, suite: Suite) -> None:
    test = """
        import pdb
        import time

        class Person(pdb.Pdb):
            def cmdloop(self, intro=None):
                time.sleep(4)
                self.set_continue()

        def test_it():
            Person().set_trace()
    """
    build_tree(project, {"tests/unit/test_it.py": dedent(test)})
    assert "1 passed" in suite("tests/unit/test_it.py", seconds=1).stdout


def test_a_limit_of_nothing_is_none(project: Path, suite: Suite) -> None:
    test = "import time\n\n\ndef test_it():\n    time.sleep(2)\n"
    build_tree(project, {"tests/unit/test_it.py": test})
    assert "1 passed" in suite("tests/unit/test_it.py", seconds=0).stdout
    assert "1 failed" in suite("tests/unit/test_it.py", seconds=1).stdout
