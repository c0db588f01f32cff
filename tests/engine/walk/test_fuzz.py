"""Requests that schemas allow are made by chance; what breaks, or answers otherwise, is named."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from test_harness.walk.fitting import fits
from test_harness.walk.generated import known_to_schemathesis, made_for, takes_something
from test_harness.walk.operation import Operation, Parameter
from test_harness.walk.oracles.fuzz import look
from test_harness.walk.performing import Book
from test_harness.walk.recipe import Recipe, Symbol
from test_harness.walk.scene import Scene
from test_harness.walk.visit import Request, Visit
from tests.engine.walk.scripts import Rows, drive
from tests.engine.walk.test_search import SETTINGS
from tests.projects import project_in
from tests.worlds import build_tree

BODY = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "maxLength": 20},
        "price": {"type": "integer", "minimum": 0, "maximum": 99, "x-column": "items.price"},
    },
}
SHOWN = {"200": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}}
PATH = Parameter("id", "path", {"type": "integer"}, True)
LIMIT = Parameter("limit", "query", {"type": "integer", "minimum": 1, "maximum": 50})
PUT = Operation("PUT", "/projects/{id}", (PATH, LIMIT), body=BODY, encoding="json", answers=SHOWN)


@pytest.fixture(autouse=True)
def project(tmp_path: Path) -> Iterator[None]:
    with project_in(build_tree(tmp_path, {"tests/harness.toml": SETTINGS}) / "tests"):
        yield


@pytest.fixture(autouse=True)
def seed() -> None:
    random.seed(7)


def found_by(app: Any, operation: Operation = PUT) -> tuple[list[str], list[Visit]]:
    """Return what is said of an application, and what it was asked."""
    path = {"id": Symbol("row", "projects.id")} if operation.parameters_in("path") else {}
    recipe = Recipe(principal="owner", path=path, json={"name": "Moon"}, status=200)
    granted = Visit("owner", Request("PUT", "/projects/21"), 200, {}, '{"id": 21}')
    world: Any = Rows()
    findings, visits = drive(look(Scene(operation, recipe, world, Book(), granted)), app)
    return [str(one) for one in findings], visits


def test_what_is_made_fits_the_schemas_and_is_the_same_for_a_seed() -> None:
    known = known_to_schemathesis(PUT)
    made = made_for(known, 30)
    assert len({str(one) for one in made}) > 10
    assert all(fits(one.payload, BODY) for one in made)
    assert all(fits(value, LIMIT.schema) for one in made for value in one.query.values())
    assert made != made_for(known, 30)
    random.seed(7)
    assert made == made_for(known, 30)


def test_the_row_is_ours_and_what_holds_is_quiet() -> None:
    said, visits = found_by(lambda request, principal: (200, {"id": 21}))
    assert said == []
    assert len(visits) == 20
    assert {visit.request.path for visit in visits} == {"/projects/21"}
    assert any(visit.request.query for visit in visits)


def test_a_refusal_is_no_fault_in_whatever_form() -> None:
    said, _ = found_by(lambda request, principal: (422, {"detail": "no"}))
    assert said == []


def test_what_breaks_is_named_with_the_shortest_that_does() -> None:
    def app(request: Request, principal: str) -> Any:
        return (500, "overflow") if request.json.get("price", 0) > 50 else (200, {"id": 21})

    [said], visits = found_by(app)
    assert "fuzz: PUT /projects/{id} breaks on what its schema allows." in said
    assert f"'price': {visits[-1].request.json['price']}" in said
    assert "-> overflow" in said


def test_an_answer_that_is_not_what_the_schema_says_is_named() -> None:
    [said], visits = found_by(lambda request, principal: (200, {"id": "21"}))
    assert "answers 200 with what its schema does not allow" in said
    assert '"21" is not of type "integer"' in said
    assert len(visits) == 1


def test_a_form_is_sent_as_one() -> None:
    operation = Operation("POST", "/login", body=BODY, encoding="form")
    _, visits = found_by(lambda request, principal: (200, {}), operation)
    assert all("name" in (visit.request.form or {}) for visit in visits)


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (PUT, True),
        (Operation("GET", "/projects", (LIMIT,)), True),
        (Operation("GET", "/projects/{id}", (PATH,)), False),
        (Operation("POST", "/files", body=BODY, encoding="multipart"), False),
        (Operation("POST", "/hooks", body={}, encoding="json"), False),
    ],
)
def test_only_what_takes_something_known_is_asked(operation: Operation, expected: bool) -> None:
    assert takes_something(operation) is expected
