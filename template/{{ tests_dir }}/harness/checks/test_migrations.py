"""Checks of the migrations, on a database of their own: one head, up, down and up, and no drift.

They check what the built-in tests of pytest-alembic check, without its plugin: once installed, a
plugin takes part in every run of pytest, also in those of a suite that is not the harness's.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from harness.databases import Database, make_database
from harness.runtime import runtime
from harness.schema import (
    alembic_config,
    in_project_folder,
    load_metadata,
    logging_kept,
    sync_engine,
)
from harness.settings import settings

pytestmark = [pytest.mark.migration, pytest.mark.integration]


@pytest.fixture
def config() -> Iterator[Config]:
    with in_project_folder(), logging_kept():
        yield alembic_config(settings().database.migrations)


@pytest.fixture
def empty_database() -> Iterator[Database]:
    """An empty database that Alembic's `env.py` reaches instead of the one it names."""
    database = make_database(settings().database, runtime().name, "migrations")
    database.create()
    try:
        with runtime().seam.real_connections(database):
            yield database
    finally:
        database.drop()


def _schema(database: Database) -> set[str]:
    """Return what there is in the database, one line for each thing, comparable."""
    lines: set[str] = set()
    with sync_engine(database) as engine:
        inspector = inspect(engine)
        for table in set(inspector.get_table_names()) - {"alembic_version"}:
            lines.add(f"table {table}")
            for column in inspector.get_columns(table):
                null = "NULL" if column["nullable"] else "NOT NULL"
                default = f" DEFAULT {column['default']}" if column["default"] else ""
                lines.add(f"column {table}.{column['name']} {column['type']} {null}{default}")
            for index in inspector.get_indexes(table):
                lines.add(f"index {index['name']} on {table} {index['column_names']}")
            for unique in inspector.get_unique_constraints(table):
                lines.add(f"unique {unique['name']} on {table} {unique['column_names']}")
            for key in inspector.get_foreign_keys(table):
                lines.add(f"key {table} {key['constrained_columns']} -> {key['referred_table']}")
    return lines


def _assert_same(found: set[str], wanted: set[str], problem: str) -> None:
    __tracebackhide__ = True
    lines = [f"  missing:   {line}" for line in sorted(wanted - found)]
    lines += [f"  left over: {line}" for line in sorted(found - wanted)]
    if lines:
        pytest.fail("\n".join([problem, *lines]))


def test_there_is_one_head(config: Config) -> None:
    heads = ScriptDirectory.from_config(config).get_heads()
    assert len(heads) == 1, (
        f"the history has the heads {sorted(heads)}: join them with `alembic merge heads`"
    )


def test_migrations_match_the_models(config: Config, empty_database: Database) -> None:
    command.upgrade(config, "heads")
    with sync_engine(empty_database) as engine, engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, load_metadata(settings().database))
    assert differences == [], (
        "models and migrations differ: run `alembic revision --autogenerate` and read what it wrote"
    )


def test_each_downgrade_undoes_its_upgrade(config: Config, empty_database: Database) -> None:
    accepted = settings().database.accepted_downgrades.split()
    for revision in list(ScriptDirectory.from_config(config).walk_revisions())[::-1]:
        before = _schema(empty_database)
        command.upgrade(config, revision.revision)
        after = _schema(empty_database)
        if revision.revision in accepted:
            continue
        command.downgrade(config, "-1")
        _assert_same(
            _schema(empty_database),
            before,
            f"the downgrade of {revision.revision} does not lead back to where its upgrade began: "
            "mend it, or add the revision to accepted_downgrades in harness.toml",
        )
        command.upgrade(config, revision.revision)
        _assert_same(
            _schema(empty_database),
            after,
            f"the second upgrade of {revision.revision} does something else than the first",
        )
