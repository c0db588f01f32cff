"""Rows are made for what the database is: none in views, others in partitions that are there."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.histories import Past, Step, harness_of, write

HEAD = """
from datetime import date, datetime
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
class Base(DeclarativeBase):
    metadata = metadata
"""
VIEW = """
class Event(Base):
    __tablename__ = "events"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
class Kind(Base):
    __tablename__ = "kinds"
    kind: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
"""
VIEW_STEP = """op.create_table("events", sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(20), nullable=False))
op.execute("CREATE VIEW kinds AS SELECT DISTINCT kind FROM events")"""
PARTITIONED = {
    "postgresql, a range of moments": (
        "at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), primary_key=True)",
        "at timestamptz NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
        ["FOR VALUES FROM ('2031-11-01') TO ('2031-12-01')"],
        "datetime(2031, 11, 1, tzinfo=timezone.utc)",
    ),
    "postgresql, a range of days without a beginning": (
        "at: Mapped[date]",
        "at date NOT NULL) PARTITION BY RANGE (at)",
        ["FOR VALUES FROM (MINVALUE) TO ('2012-03-01')"],
        "date(2000, 1, 1)",
    ),
    "postgresql, a range of numbers": (
        "at: Mapped[int]",
        "at integer NOT NULL) PARTITION BY RANGE (at)",
        ["FOR VALUES FROM (5000) TO (6000)"],
        "5500",
    ),
    "postgresql, a list": (
        "at: Mapped[str] = mapped_column(sa.String(2))",
        "at varchar(2) NOT NULL) PARTITION BY LIST (at)",
        ["FOR VALUES IN ('de', 'at')", "FOR VALUES IN ('fr')"],
        '"fr"',
    ),
    "postgresql, a list with a default": (
        "at: Mapped[str] = mapped_column(sa.String(12))",
        "at varchar(12) NOT NULL) PARTITION BY LIST (at)",
        ["FOR VALUES IN ('de')", "DEFAULT"],
        'Sequence(lambda n: f"At {n}")',
    ),
    "mysql, a range of years": (
        "at: Mapped[datetime] = mapped_column(sa.DateTime, primary_key=True)",
        "at datetime NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (YEAR(at))"
        " (PARTITION p VALUES LESS THAN (2020))",
        [],
        "datetime(2000, 1, 1)",
    ),
    "mysql, a range of days": (
        "at: Mapped[date] = mapped_column(primary_key=True)",
        "at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (TO_DAYS(at))"
        " (PARTITION p VALUES LESS THAN (TO_DAYS('1999-05-01')))",
        [],
        "date(1999, 4, 30)",
    ),
    "mysql, a list": (
        "at: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)",
        "at integer NOT NULL, PRIMARY KEY (id, at)) PARTITION BY LIST (at)"
        " (PARTITION p VALUES IN (7, 8))",
        [],
        "7",
    ),
}
TRIGGERS = {
    "sqlite": ["CREATE TRIGGER filled AFTER INSERT ON events BEGIN"
               " UPDATE events SET kind = 'made' WHERE id = NEW.id; END"],
    "postgresql": [
        "CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN NEW.kind := ''made''; RETURN NEW; END'",
        "CREATE TRIGGER filled BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION fill()",
    ],
    "mysql": ["CREATE TRIGGER filled BEFORE INSERT ON events FOR EACH ROW SET NEW.kind = 'made'"],
}  # fmt: skip


CHECKED = """
class Offer(Base):
    __tablename__ = "offers"
    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(sa.String(20))
    share: Mapped[int]
    code: Mapped[str] = mapped_column(sa.String(20))
"""
CHECKED_STEP = """op.create_table("offers", sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("share", sa.Integer, nullable=False),
    sa.Column("code", sa.String(20), nullable=False),
    sa.CheckConstraint("state IN ('open', 'sold')", name="known_state"),
    sa.CheckConstraint("share > 500 AND share <= 900", name="fair_share"),
    sa.CheckConstraint("length(code) >= 10"))"""


@contextmanager
def project_of(
    folder: Path, engine: str, models: str, upgrade: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Any, Any]]:
    """Within the block the engine works for a project; the block gets its harness and models."""
    from test_harness.application.loading import application
    from test_harness.factories import database_facts, mapped

    past = Past("", [Step(upgrade, "pass")], HEAD + models)
    name = write(past, engine, folder)
    # Models without an application around them.
    monkeypatch.setenv("TEST_HARNESS_APPLICATION_IMPORT_PATH", "")
    caches = (application, mapped.suite_dialect, mapped.mapped_classes)
    # Engines that tests before have left lying about are none of this project.
    gc.collect()
    with harness_of(folder, name, engine) as harness:
        for cached in caches:
            cached.cache_clear()
        monkeypatch.setattr(database_facts, "runtime", lambda: harness)
        monkeypatch.setattr(database_facts, "_seen", database_facts.Facts())
        try:
            harness.ensure_database()
            database_facts.look()
            yield harness, __import__(name)
        finally:
            harness.database.drop()
            for cached in caches:
                cached.cache_clear()


@contextmanager
def session_of(harness: Any) -> Iterator[Session]:
    from test_harness.factories.base import bound_to
    from test_harness.runtime.schema import sync_engine

    with (
        harness.seam.real_connections(harness.database),
        sync_engine(harness.database) as engine,
        Session(engine) as session,
        bound_to(session),
    ):
        yield session


@pytest.mark.parametrize("engine", ["sqlite", "postgresql", "mysql"])
def test_a_view_that_nothing_marks_gets_no_rows_and_is_not_missing(
    tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with project_of(tmp_path, engine, VIEW, VIEW_STEP, monkeypatch) as (harness, models):
        from test_harness.factories.mapped import is_view
        from test_harness.factories.plan import plan_of
        from test_harness.runtime.relations import absent_tables

        assert (is_view(models.Kind), is_view(models.Event)) == (True, False)
        assert plan_of(models.Kind).declarations == {}
        assert absent_tables(harness, harness.database, models.metadata) == []
        models.sa.Table("gone", models.metadata)
        assert absent_tables(harness, harness.database, models.metadata) == ["gone"]


@pytest.mark.parametrize("engine", ["sqlite", "postgresql", "mysql"])
def test_a_check_that_only_a_migration_has_holds_for_rows(
    tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with project_of(tmp_path, engine, CHECKED, CHECKED_STEP, monkeypatch) as (harness, models):
        from test_harness.factories.base import factory_for

        with session_of(harness) as session:
            made = factory_for(models.Offer).create_batch(3)
            session.flush()
            assert {one.state for one in made} <= {"open", "sold"}
            assert all(500 < one.share <= 900 and len(one.code) >= 10 for one in made)


@pytest.mark.parametrize("kind", PARTITIONED)
def test_a_row_goes_into_a_partition_that_is_there(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    column, columns, partitions, value = PARTITIONED[kind]
    number = "integer" if "id, at" in columns else "integer PRIMARY KEY"
    if kind.startswith("postgresql"):
        number = "integer GENERATED BY DEFAULT AS IDENTITY"
    models = (
        '\nclass Event(Base):\n    __tablename__ = "events"\n'
        f"    id: Mapped[int] = mapped_column(primary_key=True)\n    {column}\n"
    )
    statements = [f"CREATE TABLE events (id {number}, {columns}"]
    if kind.startswith("postgresql"):
        statements += [
            f"CREATE TABLE events_{at} PARTITION OF events {bound}"
            for at, bound in enumerate(partitions)
        ]
    else:
        statements = [statements[0].replace("id integer,", "id integer AUTO_INCREMENT,")]
    upgrade = "\n".join(f'op.execute("{statement}")' for statement in statements)
    engine = kind.partition(",")[0]
    with project_of(tmp_path, engine, models, upgrade, monkeypatch) as (harness, found):
        from test_harness.factories.base import factory_for
        from test_harness.factories.plan import plan_of

        assert plan_of(found.Event).declarations["at"].text == value
        with session_of(harness):
            assert len(factory_for(found.Event).create_batch(3)) == 3


@pytest.mark.parametrize("engine", TRIGGERS)
def test_a_column_that_a_trigger_fills_may_be_read_as_something_else(
    tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade = "\n".join([VIEW_STEP.partition("\nop.")[0], *(
        f'op.execute("{statement}")' for statement in TRIGGERS[engine]
    )])  # fmt: skip
    models = VIEW.partition("class Kind")[0]
    with project_of(tmp_path, engine, models, upgrade, monkeypatch) as (harness, found):
        from test_harness.factories import read_back
        from test_harness.factories.base import factory_for

        with session_of(harness) as session:
            made = factory_for(found.Event).create_batch(2)
            session.flush()
            read_back.assert_read_back(session, made)
            assert [one.kind for one in made] == ["made", "made"]
            on_table = " ON events" if engine == "postgresql" else ""
            session.execute(text(f"DROP TRIGGER filled{on_table}"))
            monkeypatch.setattr(read_back, "_equal", lambda *_: False)
            with pytest.raises(pytest.fail.Exception, match="was saved as"):
                read_back.assert_read_back(session, made)


def test_the_counted_column_is_known_to_the_first_releases_of_sqlalchemy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy import Table

    # It has no public name before 2.0.4.
    monkeypatch.delattr(Table, "autoincrement_column")
    models = VIEW.partition("class Kind")[0]
    step = VIEW_STEP.partition("\nop.")[0]
    with project_of(tmp_path, "sqlite", models, step, monkeypatch) as (harness, found):
        from test_harness.factories.base import factory_for
        from test_harness.factories.plan import plan_of

        assert not plan_of(found.Event).unread
        with session_of(harness) as session:
            made = factory_for(found.Event).create_batch(2)
            session.flush()
            assert made[0].id != made[1].id


REFUSING = """
import re
from sqlalchemy import event
from sqlalchemy.orm import validates
class Reader(Base):
    __tablename__ = "readers"
    id: Mapped[int] = mapped_column(primary_key=True)
    phone: Mapped[str] = mapped_column(sa.String(20))
    code: Mapped[str] = mapped_column(sa.String(20))
    @validates("code")
    def check(self, key, value):
        if not re.fullmatch(r"[A-Z]{2}-[0-9]{4}", value):
            raise ValueError("no code")
        return value
def refuse(mapper, connection, target):
    if not re.search(r"^\\+7\\(9\\d\\d\\)\\d\\d-\\d\\d$", target.phone):
        raise ValueError("no phone")
event.listen(Reader, "before_insert", refuse)
"""
REFUSING_STEP = """op.create_table("readers", sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("phone", sa.String(20), nullable=False),
    sa.Column("code", sa.String(20), nullable=False))"""


def test_values_have_the_patterns_that_validators_and_listeners_ask_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with project_of(tmp_path, "sqlite", REFUSING, REFUSING_STEP, monkeypatch) as (harness, found):
        from test_harness.factories.base import factory_for

        with session_of(harness) as session:
            factory_for(found.Reader).create_batch(2)
            session.flush()


def test_a_value_that_the_application_refuses_is_no_fault_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = REFUSING.replace("if not re.search", "if not bool(1) or not re.search")
    with project_of(tmp_path, "sqlite", models, REFUSING_STEP, monkeypatch) as (harness, found):
        from test_harness.factories.base import factory_for
        from test_harness.factories.contract import explained

        failing = pytest.raises(pytest.fail.Exception)
        with session_of(harness), failing as failed, explained(found.Reader):
            factory_for(found.Reader).create()
    assert "no phone" in str(failed.value)
    # Nothing that known_failures.txt could be told.
    assert not hasattr(failed.value, "seen")
