"""What an answer was read from is told by its statements, and in doubt it is all there is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table

from test_harness.walk import touched
from test_harness.walk.touched import read_tables
from test_harness.walk.visit import Statement

metadata = MetaData()
for name in ("users", "things", "boxes"):
    Table(name, metadata, Column("id", Integer, primary_key=True))
Table("parts", metadata, Column("thing_id", ForeignKey("things.id")))
EVERY = {"boxes", "parts", "things", "users"}


@pytest.fixture(autouse=True)
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have the application have a few tables."""
    monkeypatch.setattr(touched, "tables", lambda: tuple(metadata.tables.values()))
    for one in (touched._by_name, touched._names, touched._read):
        one.cache_clear()
    yield
    for one in (touched._by_name, touched._names, touched._read):
        one.cache_clear()


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("SELECT things.id FROM things WHERE things.id = ?", {"things"}),
        ('SELECT 1 FROM "public"."Things" JOIN boxes ON true', {"boxes", "things"}),
        ("SELECT count(*) FROM (SELECT id FROM things) AS anon_1", {"things"}),
        ("WITH own AS (SELECT id FROM things) SELECT * FROM own", {"things"}),
        ("WITH RECURSIVE a(id) AS (SELECT 1), b AS (SELECT id FROM boxes) TABLE b", {"boxes"}),
        ("UPDATE things SET id = 1 WHERE id IN (SELECT thing_id FROM parts)", {"parts", "things"}),
        ("SAVEPOINT things_1", set()),
        ("SELECT * FROM things_of_today", EVERY),
        ("SELECT * FROM things JOIN things_of_today USING (id)", EVERY),
    ],
)
def test_tables_that_a_statement_reads(sql: str, named: set[str]) -> None:
    assert {table.name for table in read_tables([Statement(sql)])} == named


def test_tables_of_several_statements_are_those_of_each() -> None:
    said = [Statement("SELECT id FROM users"), Statement("SELECT id FROM boxes")]
    assert {table.name for table in read_tables(said)} == {"users", "boxes"}
