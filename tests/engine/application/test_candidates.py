"""Of checks that are left out it is said which route they may be about, if one looks like it."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI

from test_harness.application import candidates


def hint(app: Any, place: str, monkeypatch: pytest.MonkeyPatch, *, is_imported: bool = True) -> str:
    imported = cache(lambda: app)
    if is_imported:
        imported()
    monkeypatch.setattr(candidates, "application", imported)
    return candidates.hint_for(place)


def fastapi() -> FastAPI:
    app, below, router = FastAPI(), FastAPI(), APIRouter(prefix="/v1")
    router.post("/forgot-password")(lambda: None)
    router.get("/logout")(lambda: None)
    below.post("/signup")(lambda: None)
    app.include_router(router)
    app.mount("/below", below)
    return app


def flask() -> SimpleNamespace:
    rule = {"rule": "/auth/register", "methods": {"OPTIONS", "POST"}, "endpoint": "register"}
    url_map = SimpleNamespace(iter_rules=lambda: [SimpleNamespace(**rule)])
    return SimpleNamespace(url_map=url_map, view_functions={})


@pytest.mark.parametrize(
    ("app", "place", "said"),
    [
        (fastapi(), "flows.reset_request_path", "POST /v1/forgot-password looks like it"),
        (fastapi(), "flows.logout_path", "GET /v1/logout looks like it"),
        (fastapi(), "flows.signup_path", "POST /below/signup looks like it"),
        (fastapi(), "flows.refresh_path", "no route looks like it"),
        (flask(), "flows.signup_path", "POST /auth/register looks like it"),
        (flask(), "flows.logout_path", "no route looks like it"),
        (flask(), "auth.active_attribute", ""),
    ],
)
def test_a_route_that_looks_like_it_is_named(
    app: Any, place: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hint(app, place, monkeypatch) == said


def test_an_application_that_is_not_imported_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert hint(fastapi(), "flows.signup_path", monkeypatch, is_imported=False) == ""
