"""Clients are made as harness.toml says, in one place, and the environment overrides it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from test_harness.application.clients import client_maker
from tests.projects import harness_toml, project_in
from tests.worlds import build_tree


@pytest.fixture
def tests(tmp_path: Path) -> Iterator[Path]:
    text = harness_toml().replace('base_url = "http://localhost"', 'base_url = "http://shop.test"')
    folder = build_tree(tmp_path, {"tests/harness.toml": text}) / "tests"
    with project_in(folder):
        yield folder


def moved(request: httpx2.Request) -> httpx2.Response:
    if request.url.path == "/old":
        return httpx2.Response(307, headers={"location": "/new"})
    return httpx2.Response(200, text=str(request.url))


def answer() -> httpx2.Response:
    make = client_maker(httpx2.Client, httpx2.MockTransport(moved))
    return make().get("/old")


def test_a_redirect_is_shown_to_the_test(tests: Path) -> None:
    assert (answer().status_code, answer().headers["location"]) == (307, "/new")


def test_redirects_are_followed_where_the_settings_say_so(
    tests: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_HARNESS_APPLICATION_FOLLOW_REDIRECTS", "true")
    with project_in(tests):
        assert (answer().status_code, answer().text) == (200, "http://shop.test/new")
