"""Each threshold names the test that costs more than it may, and none that does not."""

from __future__ import annotations

import http.server
import json
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import httpx2
import pytest
import requests
from sqlalchemy import create_engine, text

from test_harness.application.own_account import on_own_account
from test_harness.errors import HarnessError
from test_harness.isolation.dialects import take_over
from test_harness.settings.budgets import BudgetSettings
from test_harness.watch.monitor.budget import Budget, Cost
from test_harness.watch.monitor.counting import Counter, Counts
from test_harness.watch.monitor.memory import Allocated, Resident
from test_harness.watch.monitor.meter import Meter
from test_harness.watch.monitor.tables import tables_of
from tests.worlds import ROOT, build_tree, render, run

COSTLY = """
    import time

    import pytest
    from sqlalchemy import text
    from starlette.testclient import TestClient

    from app.main import app as application


    def fill(megabytes):
        held = bytearray(megabytes << 20)
        held[:: 1 << 12] = bytes(len(held[:: 1 << 12]))


    @pytest.fixture
    def slow_for_one():
        time.sleep(1.2)


    @pytest.fixture(scope="module")
    def slow_for_all():
        time.sleep(1.2)
        fill(130)


    def test_over_slow():
        time.sleep(1.2)


    def test_over_slow_fixture(slow_for_one):
        pass


    def test_over_hungry():
        fill(130)


    def test_over_hungry_again():
        fill(130)


    async def test_over_chatty_in_sql(db):
        for _ in range(51):
            await db.execute(text("SELECT 1"))


    async def test_over_chatty_in_http(client):
        for _ in range(11):
            await client.get("/health")


    def test_over_chatty_through_a_client_of_its_own():
        with TestClient(application) as client:
            for _ in range(11):
                client.get("/health")


    async def test_fine_at_the_limit(db, client):
        for _ in range(10):
            await client.get("/health")
        for _ in range(40):
            await db.execute(text("SELECT 1"))
        fill(60)


    def test_fine_beside_what_others_share(slow_for_all):
        pass


    @pytest.mark.slow
    def test_fine_for_it_says_that_it_is_slow():
        time.sleep(1.2)


    @pytest.mark.real_commits
    async def test_fine_for_it_is_the_harness_that_makes_a_database(db):
        await db.execute(text("SELECT 1"))


    @pytest.mark.performance_budget(seconds=4, megabytes=300, statements=62, requests=11)
    async def test_fine_with_a_budget_of_its_own(db, client):
        time.sleep(1.2)
        fill(130)
        for _ in range(51):
            await db.execute(text("SELECT 1"))
        for _ in range(11):
            await client.get("/health")


    @pytest.mark.performance_budget(requests=None)
    async def test_fine_without_one(client):
        for _ in range(11):
            await client.get("/health")


    @pytest.mark.performance_budget(seconds=0.1)
    def test_red_slow():
        time.sleep(0.2)


    @pytest.mark.performance_budget(megabytes=20)
    def test_red_hungry():
        fill(40)


    @pytest.mark.performance_budget(megabytes=3, exact=True)
    def test_red_hungry_by_allocations():
        list(range(300_000))


    @pytest.mark.performance_budget(statements=2)
    async def test_red_chatty_in_sql(db):
        for _ in range(3):
            await db.execute(text("SELECT 1"))


    @pytest.mark.performance_budget(requests=0)
    async def test_red_chatty_in_http(client):
        await client.get("/health")


    @pytest.mark.performance_budget(queries=1)
    def test_wrong():
        pass
"""


@pytest.mark.runs
def test_every_threshold_names_what_is_over_it_and_nothing_else(
    template: Path, suite_python: Path, tmp_path: Path
) -> None:
    project = render(template, tmp_path / "project", answers_file="fastapi-async-sqlite-open")
    build_tree(project, {"tests/api/test_costly.py": dedent(COSTLY)})

    done = run(
        suite_python, "-m", "pytest", "-q", "-rN", "--results=results.json",
        "tests/api/test_costly.py", cwd=project, check=False, TEST_HARNESS_BUDGETS_SECONDS="1",
    )  # fmt: skip

    tests = json.loads((project / "results.json").read_text(encoding="utf-8"))["tests"]
    warned = {
        test["name"]: [it["what"] for it in test["over"]]
        for test in tests
        if test["outcome"] == "passed" and test["over"]
    }
    assert warned == {
        "test_over_slow": ["seconds"],
        "test_over_slow_fixture": ["seconds"],
        "test_over_hungry": ["megabytes"],
        "test_over_hungry_again": ["megabytes"],
        "test_over_chatty_in_sql": ["statements"],
        "test_over_chatty_in_http": ["requests"],
        "test_over_chatty_through_a_client_of_its_own": ["requests"],
    }
    red = {test["name"]: test["outcome"] for test in tests if test["outcome"] != "passed"}
    assert red == {
        "test_red_slow": "failed",
        "test_red_hungry": "failed",
        "test_red_hungry_by_allocations": "failed",
        "test_red_chatty_in_sql": "failed",
        "test_red_chatty_in_http": "failed",
        "test_wrong": "error",
    }
    file = "tests/api/test_costly.py"
    for said in (
        "test harness: 7 tests cost more than they may:",
        f"{file}::test_over_chatty_in_sql took 51 statements, 50 are allowed: 51 times `SELECT 1` "
        f"({file}:45)\n  Fix: have one query load what the loop asks for",
        f"{file}::test_over_chatty_in_http took 11 requests, 10 are allowed: 11 times GET /health",
        "The test took 1 request, 0 are allowed: GET /health",
        "  Fix: have several tests share what takes long (scope), or make less of it, or give",
        "@pytest.mark.performance_budget(queries=1) is no budget.\n  Fix: Give it one or more of "
        "seconds, megabytes, statements, requests",
    ):
        assert said in done.stdout


# ---------------------------------------------------------------------------------- budgets


def test_what_is_not_measured_is_not_over() -> None:
    budget = Budget.of_settings(BudgetSettings(seconds=0))
    assert budget.over(Cost(seconds=100, megabytes=None)) == []


def test_what_is_allowed_may_be_taken() -> None:
    budget = Budget.of_settings(BudgetSettings())
    assert budget.over(Cost(5, 100, 50, 10)) == []
    assert [it.what for it in budget.over(Cost(5.1, 101, 51, 11))] == [
        "seconds", "megabytes", "statements", "requests",
    ]  # fmt: skip


def test_a_team_may_have_every_budget_fail() -> None:
    budget = Budget.of_settings(BudgetSettings(over="fail"))
    assert [it.marked for it in budget.over(Cost(statements=51))] == [True]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((5,), {}),
        ((), {"query": 5}),
        ((), {"seconds": "5"}),
        ((), {"statements": -1}),
        ((), {"requests": True}),
        ((), {"exact": 1}),
    ],
)
def test_a_marker_that_says_something_else_is_told(
    arguments: tuple[Any, ...], named: dict[str, Any]
) -> None:
    with pytest.raises(HarnessError, match="is no budget") as refused:
        Budget().with_marker(arguments, named)
    assert "Give it one or more of seconds, megabytes" in refused.value.fix


# ---------------------------------------------------------------------------------- counting


@pytest.fixture
def counter() -> Iterator[Counter]:
    counting = Counter(Counts(own_hosts=frozenset({"localhost"})))
    counting.install()
    counting.look_at_clients()
    counting.is_on = True
    yield counting
    counting.uninstall()


@pytest.fixture
def server() -> Iterator[str]:
    """The address of a server of this test alone."""
    serving = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler
    )
    thread = threading.Thread(target=serving.serve_forever)
    thread.start()
    yield f"127.0.0.1:{serving.server_port}"
    serving.shutdown()
    thread.join()
    serving.server_close()


def test_statements_are_counted_without_those_of_transactions(counter: Counter) -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        with connection.begin_nested():
            connection.execute(text("SELECT 1"))
    engine.dispose()
    assert counter.counts.sent == 2
    assert counter.counts.statements == {"SELECT 1": 2}


def test_statements_of_dialects_that_the_seam_holds_are_counted_without_a_listener(
    counter: Counter,
) -> None:
    counter.uninstall()
    counter.install(by_seam=True)
    engine = create_engine("sqlite://")
    take_over(engine.dialect, {})
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        assert not connection._has_events
    assert counter.counts.statements == {"SELECT 1": 1}
    counter.uninstall()
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    engine.dispose()
    assert counter.counts.sent == 1


def test_the_line_that_sends_too_many_is_found(counter: Counter) -> None:
    counter.counts.allowed = 1
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        for _ in range(3):
            connection.execute(text("SELECT 1"))
    engine.dispose()
    file, _, line = counter.counts.line.partition(":")
    assert "connection.execute" in Path(file).read_text().splitlines()[int(line) - 1]


def test_requests_of_every_client_are_counted_once(counter: Counter, server: str) -> None:
    address = f"http://{server}/"
    httpx2.get(address)
    requests.get(address, timeout=9)
    with urllib.request.urlopen(address) as answer:
        answer.read()
    assert counter.counts.requests == 3
    assert counter.counts.paths == {f"GET //{server}/": 3}


def test_what_the_harness_does_on_its_own_account_is_not_counted(
    counter: Counter, server: str
) -> None:
    engine = create_engine("sqlite://")
    with on_own_account(), engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        httpx2.get(f"http://{server}/")
    engine.dispose()
    assert (counter.counts.sent, counter.counts.requests) == (0, 0)


def test_clients_are_left_as_they_were() -> None:
    before = httpx2.Client.send
    counting = Counter(Counts())
    counting.install()
    counting.look_at_clients()
    assert httpx2.Client.send is not before
    counting.uninstall()
    assert httpx2.Client.send is before


@pytest.mark.parametrize(
    ("statement", "tables"),
    [
        ("SELECT a FROM users JOIN items ON 1", {"users": "reads", "items": "reads"}),
        ('INSERT INTO "users" (a) VALUES (?)', {"users": "writes"}),
        ("INSERT INTO old SELECT a FROM app.users", {"old": "writes", "users": "reads"}),
        ("UPDATE `users` SET a = 1", {"users": "writes"}),
        (
            "DELETE FROM users WHERE a IN (SELECT b FROM items)",
            {"users": "writes", "items": "reads"},
        ),
        ("SELECT 1", {}),
    ],
)
def test_tables_are_read_off_a_statement(statement: str, tables: dict[str, str]) -> None:
    assert tables_of([statement]) == tables


# ------------------------------------------------------------------------------------ memory


def fill(megabytes: int) -> None:
    held = bytearray(megabytes << 20)
    held[:: 1 << 12] = bytes(len(held[:: 1 << 12]))


def test_each_peak_is_seen_whatever_was_before() -> None:
    memory = Resident()
    taken = []
    for megabytes in (120, 40, 0, 40):
        memory.begin()
        fill(megabytes)
        taken.append(memory.end())
    memory.close()
    assert taken == [pytest.approx(it, abs=8) for it in (120, 40, 0, 40)]


STARTED = """
import subprocess, sys

held = bytearray(200 << 20)
held[:: 1 << 12] = bytes(len(held[:: 1 << 12]))
subprocess.run([sys.executable, "-c", sys.argv[1]], check=True)
"""
MEASURED = """
from test_harness.watch.monitor.memory import Resident

memory = Resident()
memory.begin()
held = bytearray(40 << 20)
held[:: 1 << 12] = bytes(len(held[:: 1 << 12]))
print(memory.end())
"""


def test_a_peak_is_seen_below_what_the_process_was_that_started_this_one() -> None:
    done = run(sys.executable, "-c", STARTED, MEASURED, cwd=ROOT, PYTHONPATH=str(ROOT / "src"))
    assert float(done.stdout) == pytest.approx(40, abs=8)


def test_what_comes_between_is_not_counted() -> None:
    meter = Meter()
    meter.begin(Budget())
    meter.pause()
    fill(60)
    meter.go_on()
    fill(20)
    cost = meter.end().cost
    meter.resident.close()
    assert cost.megabytes == pytest.approx(20, abs=8)


def test_allocations_are_counted_to_the_byte() -> None:
    memory = Allocated()
    memory.begin()
    held = bytes(10 << 20)
    del held
    assert memory.end() == pytest.approx(10, abs=0.1)
