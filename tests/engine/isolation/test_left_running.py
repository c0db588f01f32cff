"""What a test leaves running is ended where it is begun anew, or refused from then on."""

from __future__ import annotations

import asyncio
import importlib
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from test_harness.errors import IsolationError
from test_harness.isolation import left_running
from test_harness.isolation.left_running import Running, refuse_left_running
from tests.worlds import build_tree


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(left_running, "SECONDS", 0.05)
    yield
    left_running._refused.clear()


def told() -> str:
    try:
        refuse_left_running()
    except IsolationError as error:
        return str(error)
    return ""


def test_a_task_is_cancelled_and_one_from_before_goes_on(soon: None) -> None:
    loop = asyncio.new_event_loop()
    kept = loop.create_task(asyncio.sleep(30))
    before = Running([loop])
    left = loop.create_task(asyncio.sleep(30))
    before.end_others([loop])
    assert left.cancelled()
    assert not kept.done()
    kept.cancel()
    loop.run_until_complete(asyncio.wait([kept]))
    loop.close()


def test_a_task_that_does_not_end_is_refused(soon: None) -> None:
    loop = asyncio.new_event_loop()
    before = Running([loop])
    go_on = asyncio.Event()

    async def stubborn() -> str:
        while not go_on.is_set():
            with suppress(asyncio.CancelledError):
                await go_on.wait()
        return told()

    async def another() -> str:
        return told()

    left = loop.create_task(stubborn())
    loop.run_until_complete(asyncio.sleep(0))
    before.end_others([loop])
    go_on.set()
    assert "in a task that a test left running" in loop.run_until_complete(left)
    assert loop.run_until_complete(another()) == ""
    loop.close()


def test_a_thread_is_waited_for_and_refused_if_it_does_not_end(soon: None) -> None:
    before = Running([])
    said, go_on = [], threading.Event()

    def short() -> None:
        time.sleep(0.01)

    def stubborn() -> None:
        go_on.wait(30)
        said.append(told())

    threads = [threading.Thread(target=work) for work in (short, stubborn)]
    for thread in threads:
        thread.start()
    before.end_others([])
    assert not threads[0].is_alive()
    go_on.set()
    threads[1].join()
    assert "in a thread that a test left running" in said[0]
    assert told() == ""


def test_a_thread_of_a_pool_that_waits_for_work_is_nobodys(soon: None) -> None:
    before = Running([])
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()
        before.end_others([])
        assert pool.submit(told).result() == ""


def test_a_thread_of_a_library_that_waits_for_work_is_nobodys(
    soon: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As those of schedulers, of drivers and of what sends metrics.
    build_tree(tmp_path / "site-packages", {"scheduler.py": SCHEDULER})
    monkeypatch.syspath_prepend(tmp_path / "site-packages")
    scheduler: Any = importlib.import_module("scheduler")
    wait, before = threading.Event(), Running([])
    said: list[Any] = []
    thread = threading.Thread(target=scheduler.run, args=(wait, said))
    thread.start()
    before.end_others([])
    said.append(told)
    wait.set()
    thread.join()
    assert said[1:] == [""]


SCHEDULER = """
def run(event, jobs):
    event.wait(30)
    jobs.append(jobs[0]())
"""


def test_what_sqlalchemy_does_in_a_thread_of_a_pool_is_waited_for(soon: None) -> None:
    engine = create_engine("sqlite://", connect_args={"check_same_thread": False})
    go_on, before = threading.Event(), Running([])
    with ThreadPoolExecutor(1) as pool, engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.create_function("wait", 0, go_on.wait)
        answer = pool.submit(connection.scalar, text("SELECT wait()"))
        while connection.in_transaction() is False:
            time.sleep(0.001)
        before.end_others([])
        go_on.set()
        assert answer.result() == 1
        assert pool.submit(told).result()
