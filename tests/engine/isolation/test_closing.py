"""No connection of libpq is closed while somebody awaits an answer there: it would crash."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from test_harness.databases.postgresql_server import find_server
from test_harness.isolation.drivers import postgresql_guards
from test_harness.isolation.drivers.postgresql_guards import guarded_psycopg, guarded_psycopg_async

SLOW = "SELECT 1, pg_sleep(0.2)"


@pytest.fixture(scope="module")
def address() -> str:
    return find_server(None).set(drivername="postgresql").render_as_string(hide_password=False)


def test_a_thread_gets_its_answer_before(address: str) -> None:
    connection = guarded_psycopg().connect(address, autocommit=True)
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(connection.execute(SLOW).fetchone()))
    thread.start()
    while not connection.lock.locked():
        pass
    connection.close()
    thread.join()
    assert answers[0][0] == 1
    assert connection.closed


@pytest.mark.parametrize("how", ["close", "end"])
def test_a_task_gets_its_answer_before(address: str, how: str) -> None:
    async def closed_meanwhile() -> tuple[Any, bool]:
        connection = await guarded_psycopg_async().connect(address, autocommit=True)

        async def ask() -> Any:
            cursor = await connection.execute(SLOW)
            return (await cursor.fetchone())[0]

        task = asyncio.create_task(ask())
        while not connection.lock.locked():  # noqa: ASYNC110 - it is the driver's
            await asyncio.sleep(0)
        if how == "close":
            await connection.close()
        else:
            connection.end(asyncio.get_running_loop())
        return await task, connection.closed

    assert asyncio.run(closed_meanwhile()) == (1, True)


def test_what_takes_too_long_is_closed_when_its_answer_is_there(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql_guards, "CLOSE_SECONDS", 0.01)

    async def closed_meanwhile() -> list[bool]:
        connection = await guarded_psycopg_async().connect(address, autocommit=True)
        task = asyncio.create_task(connection.execute(SLOW))
        while not connection.lock.locked():  # noqa: ASYNC110 - it is the driver's
            await asyncio.sleep(0)
        await connection.close()
        before = connection.closed
        await task
        return [before, connection.closed]

    assert asyncio.run(closed_meanwhile()) == [False, True]
