"""Looks at the models and the schema that is made for them, and at what importing them does."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from sqlalchemy import MetaData
from sqlalchemy.engine import Engine

from test_harness.databases.database import engine_of
from test_harness.errors import ApplicationError, ProvisioningError
from test_harness.findings.table import Finding
from test_harness.findings.watch import watch
from test_harness.living import living
from test_harness.runtime.others import other_names
from test_harness.runtime.process import runtime
from test_harness.runtime.schema import every_metadata, load_metadata
from test_harness.runtime.tables import lacking_tables
from test_harness.settings import settings


def test_metadata(finding: Finding) -> None:
    if settings().database.is_none:
        finding.saw("There is no database: nothing to isolate, and nothing to make rows of.")
        return
    path = settings().database.metadata
    tables = load_metadata(settings().database).tables
    if not tables:
        others = ", ".join(sorted(_metadata_with_tables()))
        raise ApplicationError(
            f"{path} has no tables.",
            f"Name in [database] metadata of harness.toml the one that has them: {others}."
            if others
            else "Have the application import the modules of its models, or name in [database] "
            "metadata of harness.toml a module that does.",
        )
    finding.saw(f"{path} has {len(tables)} tables.")


def test_every_base(finding: Finding) -> None:
    every = every_metadata()
    known = [metadata for listed in every.values() for metadata in listed]
    for path, metadata in _bases_with_tables():
        if not any(metadata is one for one in known):
            known.append(metadata)
            finding.warn(
                f"The tables of {path} are left out: {', '.join(sorted(metadata.tables)[:3])}.",
                "name it in [database] also of harness.toml, or, where an engine of its own leads "
                "to them, in [databases.NAME].",
            )
    if not finding.lines:
        finding.saw(f"{len(known)} of the application, and none is left out.")


def _metadata_with_tables() -> Iterator[str]:
    return (path for path, _ in _bases_with_tables())


def _bases_with_tables() -> Iterator[tuple[str, MetaData]]:
    for name, module in list(sys.modules.items()):
        for attribute, value in list(vars(module).items()):
            metadata = getattr(value, "metadata", value) if isinstance(value, type) else value
            if isinstance(metadata, MetaData) and metadata.tables:
                is_a_base = not hasattr(value, "__table__")
                if is_a_base and getattr(value, "__module__", name) == name:
                    yield f"{name}:{attribute}", metadata


def test_import(finding: Finding) -> None:
    for deed in watch.take():
        finding.warn(f"While the application is imported, {deed}.", deed.fix)
    if not finding.lines:
        finding.saw("Nothing is written or reached for.")


def test_schema(finding: Finding) -> None:
    migrations = settings().database.migrations
    runtime().ensure_database()
    missing = lacking_tables()
    if missing:
        raise ProvisioningError(
            f"{migrations or 'create_all'} makes no table {', '.join(missing)}.",
            "Run `alembic revision --autogenerate` and read what it writes.",
        )
    if broken := runtime().broken_history:
        finding.warn(broken.problem, broken.fix)
        migrations = ""
    made = f"The migrations of {migrations} reach their head" if migrations else "create_all"
    finding.saw(f"{made}, on {runtime().database.shown}.")
    for name in other_names():
        finding.saw(f"{name} has a database of its own: {runtime().seam.database(name).shown}.")


def test_engines(finding: Finding) -> None:
    database = settings().database
    led = {engine_of(name) for name in (database.engine, database.unit_engine)}
    engines = living(Engine)
    for engine in engines:
        if engine_of(engine.dialect.name) not in led:
            finding.warn(
                f"The application has an engine for {engine.url!r}, which tests refuse.",
                "give it an address of the test database's kind in test.env, or replace it.",
            )
    if not finding.lines:
        finding.saw(f"{len(engines)} made so far; all are led to the test database.")
