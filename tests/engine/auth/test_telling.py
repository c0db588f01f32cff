"""An answer tells of an account where it differs in more than what was sent."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from test_harness.auth.telling import assert_tells_no_account


def answer(status: int, text: str, name: str = "ada@example.com", **sent: Any) -> httpx2.Response:
    payload = sent or {"json": {"user": {"email": name, "password": f"right-{name}"}}}
    request = httpx2.Request("POST", "http://localhost/login", **payload)
    return httpx2.Response(status, text=text, request=request)


ALIKE = {
    "the same": ("Wrong name or password.", "Wrong name or password."),
    "a name": ("No ada@example.com.", "No bob@example.com."),
    "a password": ("Not right-ada@example.com", "Not right-bob@example.com"),
    "a part of the name": ("Hello ada!", "Hello bob!"),
    "a time": ('{"at": "2026-11-30T10:15:01.5"}', '{"at": "2026-11-30T10:15:02.25"}'),
    "the number of a request": (
        "request 0b2f1a52-27c5-4d1e-9a54-3a5f0c1d2e3f",
        "request 9c3f1a52-27c5-4d1e-9a54-3a5f0c1d2e3f",
    ),
}


@pytest.mark.parametrize(("known", "unknown"), ALIKE.values(), ids=ALIKE)
def test_what_was_sent_and_what_passes_tells_nothing(known: str, unknown: str) -> None:
    assert_tells_no_account(answer(401, known), answer(401, unknown, "bob@example.com"))


def test_what_a_form_sent_tells_nothing_either() -> None:
    known = answer(401, "No Ada Lovelace", data={"name": "Ada Lovelace"})
    assert_tells_no_account(known, answer(401, "No Bob Stone", data={"name": "Bob Stone"}))


@pytest.mark.parametrize(
    ("known", "unknown"),
    [(answer(401, "Wrong."), answer(404, "Wrong.")), (answer(401, "Wrong."), answer(401, "No!"))],
)
def test_another_status_and_another_text_tell_who_has_one(known: Any, unknown: Any) -> None:
    with pytest.raises(AssertionError, match="POST /login tells who has an account: 401 Wrong"):
        assert_tells_no_account(known, unknown)
