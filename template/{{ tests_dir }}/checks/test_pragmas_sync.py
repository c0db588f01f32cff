# mypy: ignore-errors
"""Checks that SQLite is in tests what it is in production: what is set as it connects holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from test_harness.isolation import pragmas
from test_harness.settings import settings

pytestmark = [
    pytest.mark.integration,
    pytest.mark.needs("database.pragmas", "PRAGMAs of its own"),
    pytest.mark.xdist_group("real commits"),
]

SET = pragmas.named(settings().database.pragmas)
connections = pytest.mark.parametrize(
    "connection", ["shared", pytest.param("real", marks=pytest.mark.real_commits)]
)


@connections
@pytest.mark.parametrize("name", sorted(SET) or [""])
def test_a_pragma_of_the_application_holds(
    started_app: Any, name: str, connection: str, tmp_path: Path
) -> None:
    meant = pragmas.meaning(name, SET[name], tmp_path)
    engines = pragmas.engines_for(name, SET[name])
    assert engines, pragmas.unset(name, SET[name])
    for engine in engines:
        with engine.connect() as opened:
            held = opened.exec_driver_sql(f"PRAGMA {name}")
            assert held.scalar() == meant


@connections
@pytest.mark.skipif("foreign_keys" not in SET, reason="the application asks for no foreign keys")
def test_a_row_without_its_parent_is_refused(started_app: Any, connection: str) -> None:
    engines = pragmas.engines_for("foreign_keys", SET["foreign_keys"])
    assert engines, pragmas.unset("foreign_keys", SET["foreign_keys"])
    for engine in engines:
        with engine.connect() as opened:
            opened.exec_driver_sql(pragmas.PARENTS)
            opened.exec_driver_sql(pragmas.CHILDREN)
            with pytest.raises(IntegrityError):
                opened.exec_driver_sql(pragmas.ORPHAN)
