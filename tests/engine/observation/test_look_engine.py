"""Which driver the application has is seen in its engines, where an address names none."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import create_engine

from test_harness.observation import look_engine_sync as look


@pytest.mark.parametrize(
    ("address", "read", "seen"),
    [
        ("postgresql+psycopg://", "psycopg2", [("database.driver", "psycopg")]),
        ("postgresql+psycopg://", "psycopg", []),
        # Of another database, and of the other mode.
        ("sqlite://", "psycopg2", []),
        ("postgresql+psycopg_async://", "psycopg2", []),
    ],
)
def test_another_driver_is_noted(
    address: str, read: str, seen: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = create_engine(address)
    settings: Any = SimpleNamespace(
        database=SimpleNamespace(engine="postgresql", driver=read),
        application=SimpleNamespace(mode="sync"),
    )
    monkeypatch.setattr(look, "settings", lambda: settings)
    monkeypatch.setattr(look, "gc", SimpleNamespace(get_objects=lambda: [engine, object()]))
    noted: list[tuple[str, str]] = []
    notebook: Any = SimpleNamespace(saw=lambda name, value, what: noted.append((name, value)))
    look.test_driver(None, notebook)
    assert noted == seen
