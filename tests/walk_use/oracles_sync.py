"""Each oracle finds the fault that is switched on, and is quiet about the same route without it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from stall.app import FAULTS, app, seen

from test_harness.project import suite_dir
from test_harness.walk.driving_sync import drive
from test_harness.walk.looking import known_operations, oracles_of
from test_harness.walk.performing import Book, perform
from test_harness.walk.recipe import Recipe, Symbol
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Aside, Steps
from test_harness.walk.world import build_world

ITEM = {"item_id": Symbol("row", "items.id")}
RECIPES = {
    "GET /me": Recipe("owner"),
    "GET /items": Recipe("owner"),
    "GET /items/{item_id}": Recipe("owner", path=ITEM),
    "POST /items": Recipe("owner", json={"name": "a lamp"}),
    "PATCH /items/{item_id}": Recipe("owner", path=ITEM, json={"name": "a lamp"}),
    "POST /shelves": Recipe("owner", json={"name": "behind"}),
    "GET /shelves": Recipe("owner"),
    "GET /notes": Recipe("owner"),
    "GET /search": Recipe("owner", query={"q": "lamp"}),
    "POST /sign-out": Recipe("owner"),
    "GET /hello": Recipe("owner", query={"name": "Ada"}),
}
ACCESS = {
    "GET /me": "anonymous = 401, inactive = 401, everyone = 200",
    "GET /hello": "anonymous = 401, owner = 200",
    "POST /sign-out": "anonymous = 401, owner = 200",
    "POST /shelves": "owner = 201",
}
FOUND = [
    ("identity", "GET /me", "identity", "owner instead of who asked"),
    ("inactive", "GET /hello", "access", "although the account had been switched off"),
    ("open", "POST /shelves", "access", "nobody has to log in"),
    ("tenancy", "GET /items", "tenancy", "the owner's row of items"),
    ("tenancy", "GET /items/{item_id}", "tenancy", "the owner's row of items"),
    ("tenancy", "PATCH /items/{item_id}", "tenancy", "the row of items is the owner's"),
    ("untouched", "POST /items", "untouched", "items("),
    ("private", "GET /items", "private fields", "items.reset_token"),
    ("private", "GET /items/{item_id}", "private fields", "items.reset_token"),
    ("smuggled", "POST /items", "mass assignment", "items."),
    ("injection", "GET /search", "injection", "SELECT id FROM items"),
    ("odd text", "GET /search", "injection", "'q' was"),
    ("any text", "GET /search", "odd input", "'q' was"),
    ("markup", "GET /hello", "injection", "stands in the page as markup"),
    ("bad page", "GET /items", "lists", "With offset=-1 "),
    ("order", "GET /items", "lists", "has no order"),
    ("skips", "GET /items", "lists", "on no page"),
    ("repeats", "GET /items", "lists", "2 times"),
    ("overlap", "GET /shelves", "lists", "2 times"),
    ("cursor", "GET /notes", "lists", "on no page"),
    ("limit", "GET /items", "lists", "when limit was 2, and has 5 rows"),
    ("total", "GET /items", "lists", "total = 6"),
    ("deleted", "GET /items", "lists", "deleted_at says that it was deleted"),
    ("budget", "GET /items", "budget", "FROM shelves"),
]


@pytest.fixture(autouse=True)
def right() -> Iterator[None]:
    """Have no fault on afterwards, nor remember who asked."""
    lines = [f'"{name}" = {{ {said} }}\n' for name, said in ACCESS.items()]
    (suite_dir() / "access.toml").write_text("".join(["[reviewed]\n", *lines]))
    yield
    FAULTS.clear()
    seen.clear()


def steps(route: str) -> Steps[list[str]]:
    """Have each oracle look at a route, and return what it says."""
    operations = known_operations(app)
    book = Book(operations, {**RECIPES})
    world = yield from build_world()
    granted = yield from perform(operations[route], RECIPES[route], world, book)
    assert granted.opens, granted
    scene = Scene(operations[route], RECIPES[route], world, book, granted)
    said: list[str] = []
    for family in ("access", "input", "answers"):
        for oracle in oracles_of(family):
            if oracle.applies(scene.operation) and (route in ACCESS or not _is_matrix(oracle)):
                said += map(str, (yield Aside(oracle.look(scene))))
    return said


def _is_matrix(oracle: Any) -> bool:
    return oracle.__name__.endswith("matrix")


@pytest.fixture
def look(started_app: Any, make_client: Any, db: Any) -> Any:
    """Return a function that has all oracles look at a route."""
    return partial(_look, make_client, db)


def _look(make_client: Any, db: Any, route: str) -> list[str]:
    return drive(steps(route), make_client, db)


@pytest.mark.parametrize("route", RECIPES)
def test_nothing_is_said_of_what_is_right(look: Any, route: str) -> None:
    assert look(route) == []


@pytest.mark.parametrize(
    ("fault", "route", "oracle", "evidence"), FOUND, ids=lambda it: str(it).replace(" ", "-")
)
def test_a_fault_is_found_by_name(
    look: Any, fault: str, route: str, oracle: str, evidence: str
) -> None:
    FAULTS.add(fault)
    said = look(route)
    assert [one.partition(":")[0] for one in said if evidence in one] == [oracle], said
