"""L1: how long the lint of a test tree takes, as a multiple of what `ast.parse` of it takes.

The tree is like that of a large application: tests of routes, of services with doubles, of models,
with helpers and fixtures in `conftest.py` beside them. Both read each file anew and take turns.
What ruff is asked runs beside it, as a process of its own, and is part of what is measured.
"""

from __future__ import annotations

import ast
import gc
import time
from pathlib import Path

from benchmarks import Row, at_most, medians
from test_harness.suite.lint.linting import Linter, lint
from test_harness.suite.lint.ruff import Ruff, find_ruff
from test_harness.suite.reading.configuration import configuration
from test_harness.suite.reading.files import files_of_tests
from tests.worlds import build_tree
from tools.demo import BUILD, make_room

ROWS = ["L1"]
GOAL = 3.0
FILES = 600
RUNS = 5
FOLDER = BUILD / "benchmarks" / "lint"
# What is weak in each file of routes: nothing is asserted, two statuses, a status alone.
WEAK = 3

CONFTEST = """\
import pytest


@pytest.fixture
def tokens():
    return {"admin": "a", "member": "m"}


@pytest.fixture
def checked(client):
    yield client
    assert client.is_closed
"""
HELPERS = """\
def assert_page(body, size):
    assert len(body["items"]) == size
    assert body["next"] is None


def look_at(response):
    assert_page(response.json(), 2)
"""
ROUTES = """\
import pytest

from tests.helpers import look_at

PATH = "/things-{number}"


@pytest.mark.parametrize("name", ["", " ", "x" * 300])
def test_a_name_is_checked(client, name):
    response = client.post(PATH, json={{"name": name}})
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["body", "name"]


async def test_things_are_listed(client, tokens):
    for name in ("first", "second"):
        await client.post(PATH, json={{"name": name}}, headers={{"X-Token": tokens["admin"]}})
    response = await client.get(PATH)
    assert [thing["name"] for thing in response.json()["items"]] == ["first", "second"]


def test_a_whole_thing_is_made_and_read(client, tokens):
    # What was written comes back, with what the application adds.
    payload = {{
        "name": "Chair",
        "description": "Four legs, one back, {number} colours",
        "price": {{"amount": "129.90", "currency": "EUR"}},
        "sizes": [
            {{"width": 45, "depth": 48, "height": 92}},
            {{"width": 50, "depth": 52, "height": 95}},
        ],
        "tags": ["furniture", "wood", "new"],
        "is_active": True,
    }}
    headers = {{"X-Token": tokens["member"], "Accept": "application/json"}}

    created = client.post(PATH, json=payload, headers=headers)
    assert created.status_code == 201, created.text
    made = created.json()
    assert made["id"] > 0
    assert made["price"]["amount"] == "129.90"
    assert made["sizes"][1]["width"] == payload["sizes"][1]["width"]

    change = {{"name": "Stool", "tags": []}}
    changed = client.patch(f"{{PATH}}/{{made['id']}}", json=change, headers=headers)
    assert changed.json()["name"] == "Stool"
    assert changed.json()["description"] == payload["description"]

    listed = client.get(PATH, params={{"search": "Stool", "limit": 10}}, headers=headers).json()
    assert [item["id"] for item in listed["items"]] == [made["id"]]
    assert listed["total"] == 1

    other = client.get(f"{{PATH}}/{{made['id']}}", headers={{"X-Token": tokens["admin"]}})
    assert (other.status_code, other.json()["owner"]) == (200, "member-{number}")


class TestThing:
    def test_a_page(self, client):
        look_at(client.get(PATH))

    def test_nothing_is_asserted(self, client):
        client.get(PATH)

    async def test_either(self, client):
        response = await client.get(f"{{PATH}}/1")
        assert response.status_code in (200, 404)
        assert response.json()

    def test_only_the_status(self, client):
        response = client.get(f"{{PATH}}/0")
        assert response.status_code == 404
"""
SERVICES = """\
from datetime import datetime, timedelta, timezone
from unittest.mock import AsyncMock, patch

import pytest

from app.services.area_{number} import Service, TakenError


@pytest.fixture
def service():
    return Service(sender=AsyncMock(), limit={number})


async def test_it_sends(service):
    sent = await service.send("hello", to=["ada@example.com", "bob@example.com"])
    assert sent == 2
    service.sender.assert_awaited_once_with("hello", to=["ada@example.com", "bob@example.com"])


async def test_it_refuses_what_is_taken(service):
    await service.add("Ada", ends=datetime.now(timezone.utc) + timedelta(days=1))
    with pytest.raises(TakenError, match="Ada"):
        await service.add("Ada")


async def test_a_plan_is_carried_out_in_its_order(service):
    # Steps run once, the last one sees what the first ones left, and a summary is sent.
    plan = await service.plan(
        owner="ada@example.com",
        steps=[
            {{"name": "collect", "after": [], "limit": timedelta(minutes=5)}},
            {{"name": "check", "after": ["collect"], "limit": timedelta(minutes=1)}},
            {{"name": "send", "after": ["collect", "check"], "limit": timedelta(seconds={number})}},
        ],
    )
    ran = []
    service.on_step = lambda step, seen: ran.append((step.name, sorted(seen)))

    result = await service.run(plan, attempts=3, report_to=["bob@example.com"])

    assert ran == [("collect", []), ("check", ["collect"]), ("send", ["check", "collect"])]
    assert result.state == "done"
    assert result.failed == []
    attempts = {{step.name: step.attempts for step in result.steps}}
    assert attempts == {{"collect": 1, "check": 1, "send": 1}}
    assert service.sender.await_args.kwargs["to"] == ["bob@example.com"]
    assert "3 of 3" in service.sender.await_args.args[0]


def test_it_asks_once(service):
    with patch("app.services.area_{number}.ask") as ask:
        ask.return_value = {{"items": [{{"id": 1, "total": 3 * {number}}}]}}
        totals = {{item["id"]: item["total"] for item in service.totals()}}
    assert totals == {{1: 3 * {number}}}
    assert ask.call_count == 1
"""


def measure() -> list[Row]:
    """Return the row."""
    make_room(FOLDER)
    build_tree(FOLDER, tree())
    files = files_of_tests([], configuration(FOLDER))
    for path in files:
        path.read_bytes()
    runs = [(looked_at(files), parsed(files)) for _ in range(RUNS)]
    ours, plain = medians(runs)
    measured = [one / other for one, other in runs]
    name = f"lint of {FILES} files of tests / `ast.parse` of all of them"
    return [at_most("L1", f"{name} ({ours:.2f}/{plain:.2f} s)", measured, GOAL)]


def parsed(files: list[Path]) -> float:
    """Parse every file and return the seconds that took."""
    gc.disable()  # as the lint does
    start = time.perf_counter()
    trees = [ast.parse(path.read_bytes()) for path in files]
    seconds = time.perf_counter() - start
    gc.enable()
    del trees
    return seconds


def looked_at(files: list[Path]) -> float:
    """Lint every file and return the seconds that took.

    Raises:
        RuntimeError: It found something else than there is, so that a duration would mean nothing.
    """
    start = time.perf_counter()
    ruff = Ruff(find_ruff(), files)
    linter = Linter(configuration(FOLDER), FOLDER)
    findings = lint(files, linter)
    more, _ = ruff.findings(linter.files)
    seconds = time.perf_counter() - start
    weak = FILES // 2 * WEAK
    gc.unfreeze()  # the next run begins as this one did
    if len(findings) != weak or more:
        raise RuntimeError(f"{len(findings)} and {len(more)} findings, not {weak} and none")
    return seconds


def tree() -> dict[str, str]:
    """Return the files: a half are tests of routes, a half of services."""
    files = {
        "pytest.ini": "[pytest]\ntestpaths = tests\n",
        "tests/__init__.py": "",
        "tests/conftest.py": CONFTEST,
        "tests/helpers.py": HELPERS,
    }
    for number in range(FILES // 2):
        folder = f"tests/area_{number % 20}"
        files[f"{folder}/test_routes_{number}.py"] = ROUTES.format(number=number)
        files[f"{folder}/test_services_{number}.py"] = SERVICES.format(number=number)
    return files
