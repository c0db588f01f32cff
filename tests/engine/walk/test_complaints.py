"""What an answer complains of is read, whichever library says it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from test_harness.walk.complaints import Complaint, complaints_in, headers_asked_for
from test_harness.walk.visit import Request, Visit

# What each of them says of a field `title`, or `page` of a query.
SAID: dict[str, tuple[Any, str, tuple[str | int, ...], str]] = {
    "FastAPI, missing": (
        {
            "detail": [
                {"type": "missing", "loc": ["body", "title"], "msg": "Field required", "input": {}}
            ]
        },
        "body",
        ("title",),
        "lacks",
    ),
    "FastAPI, in a list": (
        {
            "detail": [
                {"type": "missing", "loc": ["body", "lines", 0, "title"], "msg": "Field required"}
            ]
        },
        "body",
        ("lines", 0, "title"),
        "lacks",
    ),
    "FastAPI, a query": (
        {
            "detail": [
                {
                    "type": "int_parsing",
                    "loc": ["query", "page"],
                    "msg": "Input should be a valid integer",
                }
            ]
        },
        "query",
        ("page",),
        "integer",
    ),
    "FastAPI, too much": (
        {
            "detail": [
                {
                    "type": "extra_forbidden",
                    "loc": ["body", "title"],
                    "msg": "Extra inputs are not permitted",
                }
            ]
        },
        "body",
        ("title",),
        "surplus",
    ),
    "Litestar": (
        {
            "status_code": 400,
            "detail": "Validation failed for POST /",
            "extra": [{"message": "Field required", "key": "title", "source": "body"}],
        },
        "body",
        ("title",),
        "lacks",
    ),
    "Litestar, nested": (
        {
            "status_code": 400,
            "detail": "Validation failed",
            "extra": [{"message": "Field required", "key": "data.title", "source": "body"}],
        },
        "body",
        ("title",),
        "lacks",
    ),
    "Litestar with msgspec": (
        {
            "status_code": 400,
            "detail": "Validation failed",
            "extra": [{"message": "Object missing required field `title`"}],
        },
        "",
        ("title",),
        "lacks",
    ),
    "webargs": (
        {
            "code": 422,
            "errors": {"json": {"title": ["Missing data for required field."]}},
            "status": "Unprocessable",
        },
        "body",
        ("title",),
        "lacks",
    ),
    "webargs, a query": (
        {"messages": {"query": {"page": ["Not a valid integer."]}}},
        "query",
        ("page",),
        "integer",
    ),
    "marshmallow": ({"title": ["Missing data for required field."]}, "", ("title",), "lacks"),
    "Flask-RESTful": (
        {"message": {"title": "Missing required parameter in the JSON body"}},
        "",
        ("title",),
        "lacks",
    ),
    "Django-like": (
        {"errors": {"title": ["This field may not be blank."]}},
        "",
        ("title",),
        "lacks",
    ),
    "a sentence": ({"error": "title is required"}, "", ("title",), "lacks"),
    "another sentence": ({"detail": "Missing field: title"}, "", ("title",), "lacks"),
    "a sentence of a kind": ({"error": "amount must be an integer"}, "", ("amount",), "integer"),
    "a page that says it": ("<p>amount must be an integer</p>", "", ("amount",), "integer"),
    "a third": ({"message": "No title provided"}, "", ("title",), "lacks"),
}


def visit(body: Any, status: int = 422, error: str = "") -> Visit:
    text = body if isinstance(body, str) else json.dumps(body)
    return Visit("owner", Request("POST", "/"), status, {}, text, error=error)


@pytest.mark.parametrize("case", SAID)
def test_a_complaint_names_the_field_and_what_is_wrong(case: str) -> None:
    body, place, names, what = SAID[case]
    [found] = complaints_in(visit(body))
    assert (found.place, found.names) == (place, names)
    kind = "lacks" if found.lacks else "surplus" if found.has_too_much else found.schema()["type"]
    assert kind == what


def test_what_is_raised_instead_of_an_answer_says_which_key_was_missing() -> None:
    [found] = complaints_in(visit("", status=0, error="KeyError: 'title'"))
    assert found.names == ("title",)
    assert found.lacks


@pytest.mark.parametrize(
    ("said", "schema"),
    [
        ("Input should be 'draft' or 'sent'", {"enum": ["draft", "sent"]}),
        ("Must be one of: draft, sent.", {"enum": ["draft", "sent"]}),
        ("String should have at least 3 characters", {"type": "string", "minLength": 3}),
        ("String should have at most 3 characters", {"type": "string", "maxLength": 3}),
        ("String should match pattern '^a+$'", {"type": "string", "pattern": "^a+$"}),
        ("Input should be greater than or equal to 5", {"minimum": 5}),
        ("Input should be greater than 0.5", {"exclusiveMinimum": 0.5}),
        ("Input should be less than or equal to 5", {"maximum": 5}),
        ("Not a valid UUID.", {"type": "string", "format": "uuid"}),
        ("value is not a valid email address", {"type": "string", "format": "email"}),
        ("Input should be a valid datetime", {"type": "string", "format": "date-time"}),
        ("Not a valid date.", {"type": "string", "format": "date"}),
        ("Input should be a valid list", {"type": "array"}),
        ("Something else", {}),
    ],
)
def test_what_is_said_is_a_schema(said: str, schema: dict[str, Any]) -> None:
    assert Complaint("body", ("title",), said).schema() == schema


@pytest.mark.parametrize(
    "body",
    [
        {"detail": "Not found"},
        {"message": "Authentication required"},
        {"id": 7, "title": "Something", "owner": {"name": "Ada"}},
        {"detail": "An organisation needs an owner."},
        "<html><body>Forbidden</body></html>",
    ],
)
def test_what_names_no_field_is_no_complaint(body: Any) -> None:
    assert complaints_in(visit(body)) == []


def test_headers_that_are_wanted_are_read() -> None:
    assert headers_asked_for(visit({"detail": "Send X-Tenant-ID."})) == ["X-Tenant-ID"]
    assert headers_asked_for(visit({"detail": "If-Match is missing"}, 428)) == ["If-Match"]
    assert headers_asked_for(visit({"detail": "Not found"})) == []
