"""Lists are found in answers, whatever they stand under, and pages by what they are called."""

from __future__ import annotations

import json
from typing import Any

import pytest

from test_harness.walk.listing import (
    Listing,
    first_page,
    list_above,
    next_cursor,
    paging_of,
    promised,
    singles,
    total_in,
)
from test_harness.walk.operation import Operation, Parameter
from test_harness.walk.performing import Book
from test_harness.walk.recipe import Recipe, Symbol
from test_harness.walk.visit import Request, Visit
from tests.engine.walk.scripts import MODELS

PROJECTS = MODELS.of_table("projects")
MOON = {"id": 21, "slug": "moon", "owner_id": 11}


def answer(body: Any, headers: dict[str, str] | None = None) -> Visit:
    return Visit("owner", Request("GET", "/projects"), 200, headers or {}, json.dumps(body))


def listing(*place: str) -> Listing:
    assert PROJECTS is not None
    return Listing(PROJECTS, place)


def operation(*names: str, schema: dict[str, Any] | None = None) -> Operation:
    return Operation("GET", "/x", tuple(Parameter(it, "query", schema or {}) for it in names))


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (("limit", "offset"), "offset"),
        (("page", "per_page"), "page"),
        (("pageSize", "page"), "page"),
        (("limit", "cursor"), "cursor"),
        (("skip", "take"), "offset"),
    ],
)
def test_pages_are_known_by_their_parameters(names: tuple[str, ...], kind: str) -> None:
    paging = paging_of(operation(*names))
    assert paging is not None
    assert paging.kind == kind


@pytest.mark.parametrize("names", [("size",), ("page",), ("limit",), ("color", "q"), ()])
def test_what_is_no_paging_is_left_alone(names: tuple[str, ...]) -> None:
    # A size without a page may be that of a shoe.
    assert paging_of(operation(*names)) is None


def test_a_page_is_as_small_and_as_large_as_is_allowed() -> None:
    paging = paging_of(operation("limit", "page", schema={"minimum": 5, "maximum": 50}))
    assert paging is not None
    assert (paging.least, paging.most) == (5, 50)
    bare = paging_of(operation("limit", "page"))
    assert bare is not None
    assert (bare.least, bare.most, first_page(bare)) == (2, 100, None)


@pytest.mark.parametrize(
    ("schema", "first"),
    [({"default": 0}, 0), ({"minimum": 1}, 1), ({"anyOf": [{"default": 1}]}, 1), ({}, None)],
)
def test_the_first_page_is_what_the_schema_says(schema: dict[str, Any], first: int | None) -> None:
    paging = paging_of(operation("limit", "page", schema=schema))
    assert paging is not None
    assert first_page(paging) == first


def test_what_is_listed_is_found_where_it_stands() -> None:
    assert listing().elements(answer([MOON])) == [MOON]
    assert listing("data", "items").elements(answer({"data": {"items": [MOON]}})) == [MOON]
    assert listing("items").elements(answer({"detail": "No."})) == []


def test_a_row_is_known_by_its_number_only_where_its_texts_agree() -> None:
    assert listing().shows({"id": 21, "slug": "moon"}, MOON, "id")
    assert listing().shows({"project_id": 21}, MOON, "id")
    assert not listing().shows({"id": 21, "slug": "mars"}, MOON, "id")
    assert not listing().shows({"id": 22, "slug": "moon"}, MOON, "id")


@pytest.mark.parametrize(
    ("body", "headers", "total"),
    [
        ({"items": [], "total": 3}, {}, ("total", 3)),
        ({"items": [], "meta": {"totalCount": 3}}, {}, ("totalCount", 3)),
        ([], {"X-Total-Count": "3"}, ("X-Total-Count", 3)),
        # What is on this page, and no total.
        ({"items": [], "count": 0}, {}, None),
    ],
)
def test_the_total_is_found_where_it_stands(
    body: Any, headers: dict[str, str], total: tuple[str, int] | None
) -> None:
    assert total_in(answer(body, headers), ("items",)) == total


def test_rows_that_are_promised_are_to_be_there() -> None:
    assert promised(answer({"items": [], "total": 3})) == ("total", 3)
    assert promised(answer({"items": [], "total": 0})) is None
    assert promised(answer({"items": [MOON], "total": 1})) is None


def test_the_next_cursor_is_what_the_answer_says_and_no_link() -> None:
    paging = paging_of(operation("limit", "cursor"))
    assert paging is not None
    at = listing("items")
    assert next_cursor(paging, at, answer({"items": [], "next_cursor": "abc"})) == "abc"
    assert next_cursor(paging, at, answer({"items": [], "meta": {"next": "abc"}})) == "abc"
    assert next_cursor(paging, at, answer({"items": [], "next": "/items?cursor=abc"})) is None


ROWS = {"project": Symbol("row", "projects.id"), "task": Symbol("row", "task_items.id")}
RECIPES = {
    "GET /projects/": Recipe("owner"),
    "GET /projects/{project}": Recipe("owner", path={"project": ROWS["project"]}),
    "GET /projects/{project}/edit": Recipe("owner", path={"project": ROWS["project"]}),
    "DELETE /projects/{project}": Recipe("owner", path={"project": ROWS["project"]}),
    "GET /projects/{project}/tasks": Recipe("owner", path={"project": ROWS["project"]}),
    "GET /projects/{project}/tasks/{task}": Recipe("owner", path=ROWS),
    "GET /tasks/{task}": Recipe("owner", path={"task": ROWS["task"]}),
    "GET /tasks": Recipe("owner", skip="calls the night shift"),
    "GET /pages/{slug}": Recipe("owner", path={"slug": "home"}),
    "GET /secrets/{task}": Recipe("owner", path={"task": ROWS["task"]}, skip="rings a bell"),
}


def book() -> Book:
    known = [it.split() for it in (*RECIPES, "GET /unknown/{task}")]
    operations = (Operation(method, path) for method, path in known)
    return Book({str(one): one for one in operations}, dict(RECIPES))


@pytest.mark.parametrize(
    ("asked", "paths"),
    [
        ({"above": "/projects/"}, ["/projects/{project}"]),
        ({"above": "/projects/{project}/tasks"}, ["/projects/{project}/tasks/{task}"]),
        ({"table": "task_items"}, ["/projects/{project}/tasks/{task}", "/tasks/{task}"]),
        ({"table": "users"}, []),
        ({"above": "/pages"}, []),
        ({"above": "/secrets"}, []),
    ],
)
def test_what_answers_one_row_is_found_by_its_list_and_by_its_table(
    asked: dict[str, str], paths: list[str]
) -> None:
    assert [one.operation.path for one in singles(book(), **asked)] == paths


@pytest.mark.parametrize(
    ("path", "above"),
    [
        ("/projects/{project}", "GET /projects/"),
        ("/projects/{project}/tasks/{task}", "GET /projects/{project}/tasks"),
        ("/tasks/{task}", "None"),
        ("/unknown/{task}", "None"),
    ],
)
def test_the_list_that_a_row_is_in_is_found_above_it(path: str, above: str) -> None:
    assert str(list_above(Operation("GET", path), book())) == above
