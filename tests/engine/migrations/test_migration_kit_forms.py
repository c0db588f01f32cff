"""The kit runs any usual form of `env.py` as it is, and names what is wrong with the others."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from sqlalchemy import Engine, NullPool, create_engine, inspect, text

from tests.histories import DRIVERS, ENV_PY, Past, Step, examined, harness_of, write
from tests.histories.healthy import AGE, AGE_MODEL, SHOP, SHOP_MODEL, USERS, USERS_MODEL
from tests.worlds import build_tree

if TYPE_CHECKING:
    from test_harness.migrations.kit import Report

SERVERS = {
    "postgresql": "postgresql+psycopg://postgres@127.0.0.1:5432/postgres",
    "mysql": "mysql+pymysql://root@127.0.0.1:3306/mysql",
}
SHOPS = Past("shop", [USERS, SHOP], USERS_MODEL + SHOP_MODEL)

STOCK = """\
from logging.config import fileConfig

from alembic import context
from sqlalchemy import engine_from_config, pool

import {models}

fileConfig(context.config.config_file_name)


def run_migrations_offline():
    context.configure(url=context.config.get_main_option("sqlalchemy.url"))
    with context.begin_transaction():
        context.run_migrations()


def run_migrations_online():
    connectable = engine_from_config(
        context.config.get_section(context.config.config_ini_section, {{}}),
        prefix="sqlalchemy.",
        poolclass=pool.NullPool,
    )
    with connectable.connect() as connection:
        context.configure(connection=connection, target_metadata={models}.metadata)
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    run_migrations_offline()
else:
    run_migrations_online()
"""
LOGGING = """
[loggers]
keys = root
[handlers]
keys = console
[formatters]
keys = generic
[logger_root]
level = WARNING
handlers = console
[handler_console]
class = StreamHandler
args = (sys.stderr,)
[formatter_generic]
format = %%(message)s
"""
ASYNC = """\
import asyncio

from alembic import context
from sqlalchemy import pool
from sqlalchemy.ext.asyncio import create_async_engine

import {models}


def migrate(connection):
    context.configure(connection=connection, target_metadata={models}.metadata)
    with context.begin_transaction():
        context.run_migrations()


async def run():
    url = "postgresql+psycopg://app:secret@production.invalid/app"
    engine = create_async_engine(url, poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


asyncio.run(run())
"""
FORMS = {
    "its own connection, or the one of the caller": ENV_PY.replace(
        "engine =", "given = context.config.attributes.get('connection')\nengine ="
    ).replace("engine.connect() as", "(given or engine).connect() as"),
    "the connection of the caller alone": """\
from alembic import context

import {models}

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata={models}.metadata)
with context.begin_transaction():
    context.run_migrations()
""",
    "a transaction for each revision": ENV_PY.replace(
        "connection=connection,", "connection=connection, transaction_per_migration=True,"
    ),
    "an engine that commits by itself": ENV_PY.replace(
        "poolclass=pool.NullPool", 'poolclass=pool.NullPool, isolation_level="AUTOCOMMIT"'
    ),
    "a version table of another name": ENV_PY.replace(
        "connection=connection,", 'connection=connection, version_table="versions",'
    ),
}


@pytest.mark.parametrize("engine", DRIVERS)
@pytest.mark.parametrize("form", FORMS)
def test_a_form_of_env_py_runs_as_it_is(tmp_path: Path, form: str, engine: str) -> None:
    report = examined(replace(SHOPS, env=FORMS[form]), engine, tmp_path)
    assert (report.obstacle, report.found, report.reaches_head) == ("", [], True)


def test_a_stock_env_py_leaves_the_database_of_alembic_ini_alone(tmp_path: Path) -> None:
    decoy = tmp_path / "production.sqlite3"
    with sqlite3.connect(decoy) as connection:
        connection.execute("CREATE TABLE customers (name TEXT)")
    before = decoy.read_bytes()
    models = write(replace(SHOPS, env=STOCK), "sqlite", tmp_path / "project")
    ini = tmp_path / "project" / "alembic.ini"
    ini.write_text(
        ini.read_text().replace("sqlite+pysqlite:///app", f"sqlite:///{decoy}") + LOGGING
    )
    logger = logging.getLogger("an.application")
    with harness_of(tmp_path / "project", models, "sqlite") as runtime:
        from test_harness.migrations.kit import examine

        report = examine(runtime)
    assert (report.obstacle, report.found) == ("", [])
    assert decoy.read_bytes() == before
    assert not logger.disabled
    assert not logging.getLogger(models).disabled


@contextmanager
def decoy_on(server: str) -> Iterator[Engine]:
    """Have a database on a server that is none of the harness's business."""
    # Connections that are kept open would be refused by the harness when it is loaded.
    maintenance = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    decoy = create_engine(maintenance.url.set(database="decoy_of_a_history"), poolclass=NullPool)
    with maintenance.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {decoy.url.database}"))
    try:
        yield decoy
    finally:
        with maintenance.connect() as connection:
            connection.execute(text(f"DROP DATABASE {decoy.url.database}"))


@pytest.mark.parametrize("engine", SERVERS)
def test_a_stock_env_py_leaves_another_database_of_the_server_alone(
    tmp_path: Path, engine: str
) -> None:
    with decoy_on(SERVERS[engine]) as decoy:
        with decoy.begin() as connection:
            connection.execute(text("CREATE TABLE customers (name VARCHAR(20))"))
            connection.execute(text("INSERT INTO customers VALUES ('Ada')"))
        models = write(replace(SHOPS, env=STOCK), engine, tmp_path)
        ini = tmp_path / "alembic.ini"
        url = f"sqlalchemy.url = {decoy.url.render_as_string()}"
        ini.write_text(re.sub("sqlalchemy.url = .*", url, ini.read_text()) + LOGGING)
        with harness_of(tmp_path, models, engine) as runtime:
            from test_harness.migrations.kit import examine

            report = examine(runtime)
        assert (report.obstacle, report.found) == ("", [])
        with decoy.connect() as connection:
            assert inspect(connection).get_table_names() == ["customers"]
            assert connection.scalar(text("SELECT name FROM customers")) == "Ada"


@pytest.mark.parametrize("start", ["asyncio.run", "asyncio.get_event_loop().run_until_complete"])
def test_an_asynchronous_env_py_runs_within_an_event_loop_and_outside(
    tmp_path: Path, start: str
) -> None:
    past = replace(SHOPS, env=ASYNC.replace("asyncio.run(run())", f"{start}(run())"))

    async def within_a_loop() -> Report:
        return examined(past, "postgresql", tmp_path / "within")

    for report in (asyncio.run(within_a_loop()), examined(past, "postgresql", tmp_path / "out")):
        assert (report.obstacle, report.found, report.reaches_head) == ("", [], True)


def test_tables_that_env_py_leaves_out_are_not_compared(tmp_path: Path) -> None:
    spatial = 'op.create_table("spatial", sa.Column("id", sa.Integer, primary_key=True))'
    steps = [USERS, Step(spatial, 'op.drop_table("spatial")')]
    past = Past("include_object", steps, USERS_MODEL)
    assert [finding.check for finding in examined(past, "sqlite", tmp_path / "all").found] == [
        "models"
    ]
    env = ENV_PY.replace(
        "connection=connection,",
        'connection=connection, include_object=lambda it, name, *rest: name != "spatial",',
    )
    assert examined(replace(past, env=env), "sqlite", tmp_path / "some").found == []


@pytest.mark.parametrize("folder", [".", "tests", "migrations", ".."])
def test_a_relative_location_is_found_from_any_folder(
    tmp_path: Path, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    models = write(SHOPS, "sqlite", project)
    ini = project / "alembic.ini"
    ini.write_text(ini.read_text().replace("%(here)s/", ""))
    with harness_of(project, models, "sqlite") as runtime:
        from test_harness.migrations.kit import examine
        from test_harness.runtime.schema import schema_key

        monkeypatch.chdir(project / folder)
        report = examine(runtime)
        assert len(schema_key(runtime.settings.database)) == 12
        assert Path.cwd() == (project / folder).resolve()
    assert (report.obstacle, report.found, report.reaches_head) == ("", [], True)


def test_revisions_may_lie_in_several_folders(tmp_path: Path) -> None:
    models = write(Past("two folders", [USERS, AGE], USERS_MODEL + AGE_MODEL), "sqlite", tmp_path)
    versions = tmp_path / "migrations" / "versions"
    (tmp_path / "more").mkdir()
    (versions / "0002_step.py").rename(tmp_path / "more" / "0002_step.py")
    ini = tmp_path / "alembic.ini"
    ini.write_text(f"{ini.read_text()}version_locations = {versions}:{tmp_path / 'more'}\n")
    with harness_of(tmp_path, models, "sqlite") as runtime:
        from test_harness.migrations.kit import examine

        report = examine(runtime)
    assert (report.obstacle, report.found, report.reaches_head) == ("", [], True)


@pytest.mark.parametrize(
    ("template", "file", "named"),
    [
        ("%%(year)d_%%(month).2d_%%(day).2d-%%(rev)s_%%(slug)s", "2026_01_02-0002_add_an_age", []),
        ("%%(epoch)s.%%(rev)s", "1767312000.0002", []),
        ("%%(slug)s", "0002", []),
        ("%%(year)d_%%(rev)s", "0002_2026", ["name 0002"]),
    ],
)
def test_files_are_called_as_file_template_says(
    tmp_path: Path, template: str, file: str, named: list[str]
) -> None:
    models = write(Past("names", [USERS, AGE], USERS_MODEL + AGE_MODEL), "sqlite", tmp_path)
    versions = tmp_path / "migrations" / "versions"
    (versions / "0001_step.py").rename(versions / "0001.py")
    (versions / "0002_step.py").rename(versions / f"{file}.py")
    ini = tmp_path / "alembic.ini"
    ini.write_text(f"{ini.read_text()}file_template = {template}\n")
    with harness_of(tmp_path, models, "sqlite") as runtime:
        from test_harness.migrations.kit import examine

        assert [finding.name for finding in examine(runtime).found] == named


def test_a_section_of_another_name_is_walked_alone(tmp_path: Path) -> None:
    past = Past("reports", [USERS, AGE], USERS_MODEL + AGE_MODEL)
    models = write(past, "sqlite", tmp_path)
    ini = tmp_path / "alembic.ini"
    ini.write_text(
        ini.read_text().replace("[alembic]", "[reports]")
        + "[archive]\nscript_location = %(here)s/archive\nsqlalchemy.url = sqlite:///archive.db\n"
    )
    for section, obstacle in {
        "reports": "",
        "alembic": "[alembic] of alembic.ini leads to no env.py.\n  Fix: Correct its "
        "script_location, or name another section in [database] migrations of harness.toml: "
        "alembic.ini:reports, alembic.ini:archive.",
    }.items():
        with (
            patch.dict(os.environ, TEST_HARNESS_DATABASE_MIGRATIONS=f"alembic.ini:{section}"),
            harness_of(tmp_path, models, "sqlite") as runtime,
        ):
            from test_harness.migrations.kit import examine
            from test_harness.runtime.schema import schema_key

            report = examine(runtime)
            if not obstacle:
                # What a template of that history would be kept under.
                assert len(schema_key(runtime.settings.database)) == 12
        assert (report.obstacle, report.found) == (obstacle, [])
        assert report.reaches_head is not bool(obstacle)
    assert not (tmp_path / "archive.db").exists()


@pytest.mark.parametrize("engine", DRIVERS)
def test_an_env_py_for_several_databases_is_refused_by_name(tmp_path: Path, engine: str) -> None:
    env = ENV_PY.replace("with engine.connect()", "for _ in range(2):\n  with engine.connect()")
    obstacle = examined(replace(SHOPS, env=env), engine, tmp_path).obstacle
    assert "env.py runs the migrations more than once, as for several databases" in obstacle
    assert "Fix: Give each a section of alembic.ini" in obstacle


@pytest.mark.parametrize(
    "env",
    [
        "",
        "if context.is_offline_mode():\n    context.run_migrations()",
        'context.configure(url="sqlite://", as_sql=True)\ncontext.run_migrations()',
    ],
)
def test_an_env_py_that_migrates_no_database_is_refused(tmp_path: Path, env: str) -> None:
    past = replace(SHOPS, env=f"from alembic import context\n\nimport {{models}}\n\n{env}\n")
    assert examined(past, "sqlite", tmp_path).obstacle == (
        f"{tmp_path}/migrations/env.py migrates no database: it writes a script, as for `alembic "
        "upgrade --sql`, or runs nothing.\n"
        "  Fix: Have it connect and call context.run_migrations() unless context.is_offline_mode()."
    )


def test_schemas_of_postgresql_are_walked_and_compared(tmp_path: Path) -> None:
    create = Step(
        """op.execute("CREATE SCHEMA audit")
op.create_table("entries", sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id"), nullable=False), schema="audit")""",
        'op.drop_table("entries", schema="audit")\nop.execute("DROP SCHEMA audit")',
    )
    column = Step(
        'op.add_column("entries", sa.Column("word", sa.String(20)), schema="audit")',
        'op.drop_column("entries", "word", schema="audit")',
    )
    models = """
sa.Table("entries", metadata, sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("user_id", sa.ForeignKey("users.id"), nullable=False),
    sa.Column("word", sa.String(20)), schema="audit")
"""
    env = ENV_PY.replace(
        "    context.configure(connection=connection,",
        '    connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS bookkeeping")\n'
        "    connection.commit()\n"
        "    context.configure(connection=connection, include_schemas=True,\n"
        '        version_table="Versions", version_table_schema="bookkeeping",',
    )
    past = Past("schemas", [USERS, create, column], USERS_MODEL + models, env=env)
    report = examined(past, "postgresql", tmp_path / "all")
    assert (report.obstacle, report.found, report.unfilled) == ("", [], {})
    past = replace(past, models=past.models.replace('"word", sa.String(20)', '"word", sa.Text'))
    found = examined(past, "postgresql", tmp_path / "drift").found
    assert [finding.name for finding in found] == ["models column audit.entries.word"]


def test_what_is_found_can_be_accepted_and_then_only_shrinks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    past = Past(
        "a forgotten downgrade", [USERS, Step(AGE.upgrade, "pass")], USERS_MODEL + AGE_MODEL
    )
    models = write(past, "sqlite", tmp_path)
    monkeypatch.setenv("TEST_HARNESS_MIGRATION_BASELINE", "write")
    with harness_of(tmp_path, models, "sqlite") as runtime:
        from test_harness.migrations.kit import examine

        with pytest.warns(UserWarning, match="1 findings about migrations are now accepted"):
            assert examine(runtime).of("downgrade") == []
        assert "\ndowngrade 0002\n" in (tmp_path / "tests" / "migration_baseline.txt").read_text()
        monkeypatch.delenv("TEST_HARNESS_MIGRATION_BASELINE")
        assert examine(runtime).of("downgrade") == []
        step = tmp_path / "migrations" / "versions" / "0002_step.py"
        mended = step.read_text().replace("    pass", f"    {AGE.downgrade}")
        step.write_text(mended)
        assert examine(runtime).settled == ["downgrade 0002"]


def test_the_first_run_beside_an_existing_history_records_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    past = Past(
        "a forgotten downgrade", [USERS, Step(AGE.upgrade, "pass")], USERS_MODEL + AGE_MODEL
    )
    models = write(past, "sqlite", tmp_path)
    build_tree(tmp_path, {"tests/migration_baseline.txt": "# To be recorded: by the first run.\n"})
    with harness_of(tmp_path, models, "sqlite") as runtime:
        from test_harness.migrations.kit import examine

        monkeypatch.setenv("CI", "true")
        assert [finding.name for finding in examine(runtime).of("downgrade")] == ["downgrade 0002"]
        monkeypatch.delenv("CI")
        with pytest.warns(UserWarning, match="read them"):
            assert examine(runtime).of("downgrade") == []
        assert "To be recorded" not in (tmp_path / "tests" / "migration_baseline.txt").read_text()


def test_a_revision_that_nobody_knows_is_refused_in_the_expectations(tmp_path: Path) -> None:
    models = write(SHOPS, "sqlite", tmp_path)
    build_tree(tmp_path, {"tests/migration_data.py": 'REVISIONS = {"0009": {}}\n'})
    with harness_of(tmp_path, models, "sqlite") as runtime:
        from test_harness.migrations.kit import examine

        assert "names the revision '0009', which is not in the history" in examine(runtime).obstacle
