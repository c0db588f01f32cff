"""What an answer means: a refusal, a page, and which field it misses."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from test_harness.observation.answers import (
    is_answer,
    mended,
    missing_fields,
    most_common,
    opens,
    places_of_text,
    refuses,
    turns_back,
    with_query,
)


def answer(status: int, body: Any = None, location: str = "") -> httpx2.Response:
    return httpx2.Response(
        status,
        headers={"location": location} if location else {},
        json=body,
        request=httpx2.Request("GET", "http://localhost/me"),
    )


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_whatever_of_the_client_is_wrong_is_a_refusal(status: int) -> None:
    assert refuses(answer(status))
    assert not opens(answer(status))


@pytest.mark.parametrize("status", [200, 204, 405, 408, 429, 500, 503])
def test_a_page_or_a_failure_is_none(status: int) -> None:
    assert not refuses(answer(status))


@pytest.mark.parametrize(
    ("location", "is_refused"),
    [
        ("/login?next=/me", True),
        ("http://localhost/login", True),
        ("/me/", False),
        ("http://localhost/me", False),
    ],
)
def test_who_is_sent_to_another_page_is_refused(location: str, is_refused: bool) -> None:
    assert refuses(answer(302, location=location)) is is_refused


@pytest.mark.parametrize(
    ("status", "location", "is_back"),
    [
        (302, "{here}", True),
        (303, "http://localhost{here}/?again=1", True),
        (302, "/elsewhere", False),
        (200, "", False),
    ],
)
def test_a_form_that_leads_to_itself_was_not_taken(
    status: int, location: str, is_back: bool
) -> None:
    here = answer(200).request.url.path
    assert turns_back(answer(status, location=location.format(here=here))) is is_back


def test_what_is_counted_or_fails_is_no_answer() -> None:
    assert [is_answer(answer(status)) for status in (200, 302, 401)] == [True] * 3
    assert [is_answer(answer(status)) for status in (405, 429, 500)] == [False] * 3
    assert not is_answer(None)


def test_of_several_statuses_the_one_that_was_expected_wins() -> None:
    assert most_common({"a": 401, "b": 422, "c": 422}, before=401) == 422
    assert most_common({"a": 401, "b": 422}, before=422) == 422
    assert most_common({"a": 401, "b": 422}, before=403) == 401


@pytest.mark.parametrize(
    "body",
    [
        {"detail": [{"type": "missing", "loc": ["body", "name"], "msg": "Field required"}]},
        {"detail": "Validation failed", "extra": [{"message": "Field required", "key": "name"}]},
        {"extra": [{"message": "Object missing required field `name`"}]},
        {"errors": {"json": {"name": ["Missing data for required field."]}}},
        {"name": ["This field is required."]},
    ],
    ids=["fastapi", "litestar", "msgspec", "marshmallow", "wtforms"],
)
def test_the_field_that_is_missing_is_found(body: Any) -> None:
    assert missing_fields(answer(422, body)) == ["name"]


@pytest.mark.parametrize("body", [{"detail": "Authentication required"}, [], None, "no", 3])
def test_no_field_is_missing_where_none_is_named(body: Any) -> None:
    assert missing_fields(answer(422, body)) == []


def test_a_payload_gets_what_is_missing() -> None:
    missing = {"detail": [{"loc": ["body", name], "msg": "required"} for name in ("mail", "city")]}
    got = mended('{"username": "$login"}', answer(422, missing))
    assert json.loads(got) == {"username": "$login", "mail": "$email", "city": "Text"}
    assert mended("", answer(200, missing)) == ""


@pytest.mark.parametrize(
    "body",
    [
        {"detail": [{"type": "missing", "loc": ["query", "refresh_token"], "msg": "required"}]},
        {"extra": [{"message": "Missing", "key": "refresh_token", "source": "query"}]},
    ],
    ids=["fastapi", "litestar"],
)
def test_a_path_gets_what_is_missing_in_its_query(body: Any) -> None:
    got = with_query("POST /refresh", answer(422, body))
    assert got == "POST /refresh?refresh_token=$token"
    assert with_query("POST /refresh?a=b", answer(422, body)).endswith("?a=b&refresh_token=$token")
    assert with_query(got, answer(422, body)) == ""
    assert with_query("POST /refresh", answer(200, body)) == ""


@pytest.mark.parametrize(
    "body",
    [{"detail": [{"loc": ["body", "token"], "msg": "required"}]}, {"detail": "required"}, [], None],
)
def test_a_query_that_misses_nothing_stays(body: Any) -> None:
    assert with_query("POST /refresh", answer(422, body)) == ""


def test_an_address_that_is_no_name_becomes_one() -> None:
    payload = '{"username": "$login", "email": "$email"}'
    assert json.loads(mended(payload, answer(422, {}))) == {"username": "$name", "email": "$email"}
    assert mended('{"email": "$email"}', answer(422, {})) == '{"email": "$email"}'


def test_tokens_are_looked_for_where_they_are_likely() -> None:
    text = "x" * 20
    body = {"id": text, "data": {"token": text, "refresh": text, "user": {"name": "Ada"}}}
    assert places_of_text(body) == ["data.token", "id"]
    assert places_of_text(body, refresh=True) == ["data.refresh"]
