"""A value for a schema is one that the schema takes, and says what it means."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from test_harness.walk.fitting import MISSING, fits
from test_harness.walk.recipe import Symbol, resolved
from test_harness.walk.values import value_for

SCHEMAS: dict[str, tuple[str, dict[str, Any], Any]] = {
    "a constant": ("kind", {"const": "card"}, "card"),
    "a choice": ("status", {"type": "string", "enum": ["draft", "sent"]}, "draft"),
    "a choice that may be null": (
        "status",
        {"anyOf": [{"type": "null"}, {"enum": ["draft", "sent"]}]},
        "draft",
    ),
    "an example": ("phone", {"type": "string", "examples": ["+49 151 1"]}, "+49 151 1"),
    "no example that says nothing": ("title", {"type": "string", "example": "string"}, "Walk 9000"),
    "an address": ("mail", {"type": "string", "format": "email"}, "walk9000@example.com"),
    "a pattern": ("sku", {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{3}$"}, "AA-000"),
    "a pattern that a usual text fits": (
        "sku",
        {"type": "string", "pattern": "^[A-Z0-9-]{1,40}$"},
        "SKU-9000",
    ),
    "a long text": ("body", {"type": "string", "minLength": 10}, "Walkkkkkkk"),
    "a short text": ("title", {"type": "string", "maxLength": 6}, "Walk 9"),
    "a whole number": ("count", {"type": "integer"}, 1),
    "within its bounds": ("size", {"type": "integer", "minimum": 5, "maximum": 9}, 5),
    "beyond its bound": ("size", {"type": "integer", "exclusiveMinimum": 5}, 6),
    "below its bound": ("ratio", {"type": "number", "exclusiveMaximum": 1, "minimum": 0}, 0.5),
    "a multiple": ("size", {"type": "integer", "multipleOf": 5, "minimum": 11}, 15),
    "a year": ("year", {"type": "integer"}, 2026),
    "a new password": ("password", {"type": "string"}, "Another-Horse-8-Battery!"),
    "the present password": ("current_password", {"type": "string"}, "Correct-Horse-7-Battery!"),
    "no password": ("passport", {"type": "string"}, "Walk"),
    "a list with one": ("tags", {"type": "array", "items": {"type": "string"}}, ["Walk"]),
    "a list of several": (
        "ids",
        {"type": "array", "items": {"type": "integer"}, "minItems": 2, "uniqueItems": True},
        [1, 2],
    ),
    "an empty list": ("tags", {"type": "array", "maxItems": 0}, []),
    "a map": ("labels", {"type": "object", "additionalProperties": {"type": "string"}}, {}),
    "consent": ("accept_terms", {"type": "boolean"}, True),
    "a day": ("due", {"type": "string", "format": "date"}, Symbol("days", 8)),
    "a moment": ("starts_at", {"type": "string", "format": "date-time"}, Symbol("moment", 1)),
    "a birth": ("birth_date", {"type": "string", "format": "date"}, Symbol("days", -10_000)),
    "a nullable type of old": ("title", {"type": ["string", "null"]}, "Walk 9000"),
    "all of several": (
        "",
        {
            "allOf": [
                {"properties": {"a": {"type": "integer"}}, "required": ["a"]},
                {"required": []},
            ]
        },
        {"a": 1},
    ),
    "one of several": (
        "",
        {
            "oneOf": [
                {"type": "object", "properties": {"kind": {"const": "card"}}, "required": ["kind"]},
                {"type": "object", "properties": {"kind": {"const": "cash"}}, "required": ["kind"]},
            ]
        },
        {"kind": "card"},
    ),
    "nothing known": ("", {}, "Walk"),
}


@pytest.mark.parametrize("case", SCHEMAS)
def test_a_value_is_what_the_schema_says(case: str) -> None:
    name, schema, expected = SCHEMAS[case]
    made = value_for(schema, name)
    assert made == expected
    assert type(made) is type(expected)
    assert fits(made, schema)


PERSON = {
    "type": "object",
    "required": ["email", "password", "password_confirmation", "address"],
    "properties": {
        "email": {"type": "string", "format": "email"},
        "password": {"type": "string"},
        "password_confirmation": {"type": "string"},
        "nickname": {"type": "string"},
        "id": {"type": "integer", "readOnly": True},
        "address": {
            "type": "object",
            "required": ["city"],
            "properties": {"city": {"type": "string"}, "street": {"type": "string"}},
        },
    },
}


def test_an_object_has_what_it_needs_and_the_rest_when_asked() -> None:
    needed = value_for(PERSON)
    assert needed == {
        "email": "walk9000@example.com",
        "password": "Another-Horse-8-Battery!",
        "password_confirmation": "Another-Horse-8-Battery!",
        "address": {"city": "Walk"},
    }
    more = value_for(PERSON, optional=True)
    assert more == {**needed, "nickname": "walk9000", "address": {"city": "Walk", "street": "Walk"}}


def test_a_hint_comes_before_an_example_and_never_before_a_choice_that_it_is_none_of() -> None:
    def hint(name: str, schema: Any) -> Any:
        return {"owner_id": Symbol("row", "users.id"), "status": "lost"}.get(name, MISSING)

    made = value_for(
        {
            "required": ["owner_id", "status"],
            "properties": {
                "owner_id": {"type": "integer", "example": 1},
                "status": {"enum": ["draft"]},
            },
        },
        hint=hint,
    )
    assert made == {"owner_id": Symbol("row", "users.id"), "status": "draft"}


PERMISSION = {"properties": {"id": {"type": "string"}, "note": {"type": "string"}}}
ROLE = {
    "required": ["name", "permissions"],
    "properties": {
        "name": {"type": "string"},
        "permissions": {"type": "array", "items": PERMISSION},
    },
}


def test_what_is_within_another_has_a_key_of_its_own() -> None:
    def hint(name: str, schema: Any) -> Any:
        return {"permission_id": Symbol("row", "permissions.id"), "id": "of the role"}.get(
            name, MISSING
        )

    assert value_for(ROLE, hint=hint)["permissions"] == [
        {"id": Symbol("row", "permissions.id"), "note": "Walk"}
    ]


def test_what_is_within_another_and_needs_something_has_no_more() -> None:
    needing = {**PERMISSION, "required": ["note"]}
    role = {**ROLE, "properties": {"permissions": {"type": "array", "items": needing}}}
    assert value_for(role)["permissions"] == [{"note": "Walk"}]


def test_a_schema_that_holds_itself_comes_to_an_end() -> None:
    node: dict[str, Any] = {"type": "object", "required": ["child"]}
    node["properties"] = {"child": node}
    assert len(json.dumps(value_for(node))) < 200


def test_a_moment_is_of_its_day_when_it_is_sent() -> None:
    sent = resolved({"due": Symbol("days", 8), "at": [Symbol("moment", 1)]}, lambda symbol: None)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", sent["due"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", sent["at"][0])


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        ("x", {"type": "integer"}),
        (1, {"type": "string"}),
        (True, {"type": "integer"}),
        (1.5, {"type": "integer"}),
        (3, {"type": "integer", "maximum": 2}),
        (3, {"type": "integer", "exclusiveMinimum": 3}),
        ("ab", {"type": "string", "minLength": 3}),
        ("ab", {"type": "string", "pattern": "^[0-9]+$"}),
        ("ab", {"type": "string", "format": "email"}),
        ("2026-13-01", {"type": "string", "format": "date"}),
        ("ab", {"enum": ["a"]}),
        ({}, {"type": "array"}),
    ],
)
def test_what_a_schema_does_not_take_does_not_fit(value: Any, schema: dict[str, Any]) -> None:
    assert not fits(value, schema)
