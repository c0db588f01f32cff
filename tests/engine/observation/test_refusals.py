"""Where no login works, what is refused to who has none is seen all the same."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from test_harness.observation import look_refusals_sync
from tests.projects import project_in
from tests.worlds import build_tree

from ..test_settings import SETTINGS

AUTH = '[auth]\nstyle = "jwt_bearer"\nprotected_path = "/me"\n'


def seen_of(
    folder: Path, monkeypatch: pytest.MonkeyPatch, status: int, *, known: bool
) -> dict[str, int]:
    seen: dict[str, int] = {}
    notebook: Any = SimpleNamespace(
        knows_the_login=known, saw=lambda name, value, *_: seen.update({name: value})
    )
    answer = SimpleNamespace(status_code=status, headers={})
    monkeypatch.setattr(look_refusals_sync, "shown_to", lambda *_: answer)
    build_tree(folder, {"tests/harness.toml": SETTINGS + AUTH})
    with project_in(folder / "tests"):
        look_refusals_sync.test_what_is_no_credential(lambda: None, notebook)  # type: ignore[arg-type,return-value]
    return seen


def test_what_refuses_without_a_login_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert seen_of(tmp_path, monkeypatch, 403, known=False) == {
        "auth.no_token_status": 403,
        "auth.bad_token_status": 403,
    }


@pytest.mark.parametrize(("status", "known"), [(200, False), (500, False), (403, True)])
def test_an_open_door_a_failure_and_what_a_login_shows_better_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, known: bool
) -> None:
    assert seen_of(tmp_path, monkeypatch, status, known=known) == {}
