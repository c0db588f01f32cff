"""Which engine is for which of an application's databases."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import create_engine

from test_harness.isolation.leads import lead_for
from test_harness.runtime.others import name_of, other_names, settings_of
from tests.projects import project_in
from tests.worlds import build_tree

from ..test_settings import SETTINGS

FURTHER = """
[databases.audit]
engine_object = "depot_db:audit depot_db:slow.audit"
metadata = "depot_db:Audit"
migrations = "audit.ini"

[databases.archive]
engine = "postgresql"
driver = "psycopg2"
metadata = "depot_db:Archive"

[databases."tenant_*"]
metadata = "depot_db:Tenant"
"""


@pytest.fixture(autouse=True)
def depot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    module = ModuleType("depot_db")
    monkeypatch.setitem(sys.modules, "depot_db", module)
    build_tree(tmp_path / "tests", {"harness.toml": SETTINGS + FURTHER})
    with project_in(tmp_path / "tests"):
        yield module


def test_by_the_object(depot: ModuleType) -> None:
    engine, slow = create_engine("sqlite:///first.db"), create_engine("sqlite:///first.db")
    depot.__dict__["audit"] = engine
    assert name_of(engine.dialect, lambda: "first") == "audit"
    assert name_of(slow.dialect, lambda: "first") == ""
    depot.__dict__["slow"] = type("Slow", (), {"audit": slow})
    assert name_of(slow.dialect, lambda: "first") == "audit"


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("audit", "audit"),
        ("archive", "archive"),
        ("tenant_a", "tenant_a"),
        ("tenants", ""),
        ("", ""),
    ],
)
def test_by_the_address(asked: str, name: str) -> None:
    assert name_of(create_engine("sqlite://").dialect, lambda: asked) == name


def test_one_of_the_harness(depot: ModuleType) -> None:
    engine = create_engine("sqlite:///tests.db")
    lead_for(engine, "archive")
    assert name_of(engine.dialect, lambda: "audit") == "archive"


def test_what_is_not_said_is_as_for_the_first() -> None:
    assert other_names() == ["audit", "archive"]
    assert settings_of("").migrations == ""
    audit, archive, tenant = map(settings_of, ("audit", "archive", "tenant_b"))
    assert (audit.engine, audit.driver, audit.migrations) == ("sqlite", "pysqlite", "audit.ini")
    assert (archive.engine, archive.driver) == ("postgresql", "psycopg2")
    assert tenant.metadata == "depot_db:Tenant"
