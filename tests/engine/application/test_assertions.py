"""Assertions on responses: what they accept, and what they say when they do not."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from tests.worlds import ROOT


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "template" / "{{ tests_dir }}"))


def answer(status: int, body: Any) -> httpx2.Response:
    request = httpx2.Request("POST", "http://localhost/items", json={"name": "Chair"})
    return httpx2.Response(status, json=body, request=request)


def failure(assertion: str, *args: Any) -> str:
    from test_harness.application import assertions

    with pytest.raises(pytest.fail.Exception) as failed:
        getattr(assertions, assertion)(*args)
    said = str(failed.value)
    assert 'Request body:  {"name":"Chair"}' in said
    return said.splitlines()[0] if "\n  " not in said else said


ERRORS: list[tuple[str, Any]] = [
    ("fastapi", {"detail": [{"loc": ["body", "price"], "msg": "too small", "type": "x"}]}),
    ("litestar", {"status_code": 400, "extra": [{"message": "too small", "key": "price"}]}),
    ("marshmallow", {"errors": {"json": {"price": ["Must be positive."]}}}),
    ("nested", {"errors": [{"field": "items.0.price", "message": "too small"}]}),
    ("json pointer", {"errors": [{"source": "/data/price"}]}),
]


@pytest.mark.parametrize("body", [body for _, body in ERRORS], ids=[name for name, _ in ERRORS])
def test_a_validation_error_names_its_field(body: Any) -> None:
    from test_harness.application.assertions import assert_invalid

    assert assert_invalid(answer(422, body), "price") == body
    said = failure("assert_invalid", answer(422, body), "name")
    assert "POST http://localhost/items does not name 'name'; it names price" in said


def test_a_validation_error_has_its_status() -> None:
    said = failure("assert_invalid", answer(400, {}), "price")
    assert said == "POST http://localhost/items answered 400, not 422."


def test_a_body_has_what_is_expected() -> None:
    from test_harness.application.assertions import assert_json

    body = {"id": 1, "owner": {"name": "Ada", "age": 36}, "tags": ["a"]}
    assert assert_json(answer(200, body), {"owner": {"name": "Ada"}, "tags": ["a"]}) == body
    said = failure(
        "assert_json", answer(200, body), {"owner": {"name": "Bob"}, "tags": ["a", "b"], "x": 1}
    )
    assert "  body.owner.name is 'Ada', not 'Bob'\n" in said
    assert "  body.tags is ['a'], not ['a', 'b']\n" in said
    assert "  body has no 'x'\n" in said
    assert json.dumps(body, separators=(",", ":")) in said


def test_an_error_says_why() -> None:
    from test_harness.application.assertions import assert_error

    body = {"error": {"code": "TAKEN", "message": "The name is taken."}}
    assert assert_error(answer(409, body), 409, "TAKEN") == body
    said = failure("assert_error", answer(409, body), 409, "TAKE")
    assert said == "POST http://localhost/items does not say 'TAKE'."
