"""Engines of drivers that tests cannot share are made of one that they can."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pymysql
import pytest
from sqlalchemy import create_engine
from sqlalchemy.dialects import registry

from test_harness.application.stand_ins import stand_in_for_drivers


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Leave the drivers as they are for what runs next."""
    monkeypatch.setattr(registry, "impls", dict(registry.impls))
    before = {name: sys.modules.get(name) for name in ("MySQLdb", "_mysql")}
    yield
    for name, module in before.items():
        if module is None:
            sys.modules.pop(name, None)
        else:
            sys.modules[name] = module


@pytest.mark.parametrize(
    ("engine", "driver", "stands_in"),
    [
        ("mysql", "mysqlconnector", "pymysql"),
        ("mysql", "cymysql", "pymysql"),
        ("postgresql", "pg8000", "psycopg"),
        ("postgresql", "psycopg2cffi", "psycopg"),
    ],
)
def test_an_engine_is_made_of_the_driver_that_stands_in(
    engine: str, driver: str, stands_in: str
) -> None:
    stand_in_for_drivers(engine)
    made = create_engine(f"{engine}+{driver}://me@production.invalid/orders")
    assert made.dialect.driver == stands_in
    assert made.url.drivername == f"{engine}+{driver}"


def test_who_imports_mysqlclient_gets_pymysql() -> None:
    stand_in_for_drivers("mysql")
    assert sys.modules["MySQLdb"] is pymysql
    made = create_engine("mysql+mysqldb://me@production.invalid/orders")
    assert made.dialect.loaded_dbapi is pymysql


def test_other_engines_keep_their_drivers() -> None:
    stand_in_for_drivers("sqlite")
    assert "mysql.mysqlconnector" not in registry.impls
