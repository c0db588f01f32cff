"""A dump of the real schema is loaded as it is written, and compared with the models.

The files in `dumps` are what pg_dump, mysqldump and sqlite3 wrote of databases with triggers,
functions, views and semicolons within names and texts.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from tests.histories import DRIVERS, MODELS, harness_of
from tests.worlds import ROOT, build_tree, files_of, render

DUMPS = ROOT / "tests" / "dumps"
DECLARED = {
    "postgresql": """
from sqlalchemy.dialects import postgresql
users = sa.Table("users", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("email", sa.String(100), nullable=False),
    sa.Index("ix_users_email", "email", unique=True),
    comment="Who; what's up")
tasks = sa.Table("tasks", metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("state", sa.Enum("done", "open", name="task_state"), nullable=False,
        server_default="open"),
    sa.Column("title", sa.String(80), sa.CheckConstraint("title <> ';'"), nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()))
sa.event.listen(tasks, "before_create", sa.DDL(
    "CREATE FUNCTION low(t text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower(t)'"))
sa.Index("ix_tasks_title", sa.func.low(tasks.c.title))
sa.Table("entries", metadata, sa.Column("id", sa.Integer, primary_key=True), schema="audit")
""",
    "mysql": """
sa.Table("users", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("email", sa.String(100), nullable=False, comment="a;b"))
sa.Table("orders", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("status", sa.String(20), nullable=False, server_default="new"),
    sa.Column("total", sa.Numeric(10, 2), sa.CheckConstraint("total >= 0"), nullable=False),
    sa.Index("ix_status", "status"))
""",
    "sqlite": """
sa.Table("users", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("email", sa.String(100), nullable=False), sqlite_autoincrement=True)
sa.Table("orders", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("user_id", sa.ForeignKey("users.id"), nullable=False),
    sa.Column("wei;rd", sa.Text, server_default=";"),
    sa.Index("ix", "user_id"))
""",
}
MORE = {
    "rows of PostgreSQL": (
        "postgresql",
        "CREATE TABLE a (id integer);\nCOPY public.a (id) FROM stdin;\n1\n\\.\n",
        "schema.sql:2 holds rows, which a repository is no place for: COPY public.a",
    ),
    "rows of MySQL": ("mysql", "INSERT INTO `a` VALUES (1);", "schema.sql:1 holds rows"),
    "rows of SQLite": ("sqlite", "\n\nINSERT INTO a VALUES (1);", "schema.sql:3 holds rows"),
    "another database of PostgreSQL": (
        "postgresql",
        "\\connect shop\n\nCREATE TABLE a (id integer);",
        "schema.sql:1 speaks of another database: \\connect shop",
    ),
    "another database of MySQL": (
        "mysql",
        "/*!40000 DROP DATABASE IF EXISTS `{victim}`*/;",
        "speaks of another database: DROP DATABASE",
    ),
    "use of another database of MySQL": ("mysql", "USE `{victim}`;", "speaks of another database"),
    "a table elsewhere": (
        "mysql",
        "CREATE TABLE `{victim}`.`a` (id integer);",
        "speaks of another database",
    ),
    "what the server does not know": (
        "postgresql",
        "-- one\nCREATE TABLE a (\n    id nonsense\n);",
        'schema.sql:2 cannot be loaded: type "nonsense" does not exist',
    ),
}


def found_in(
    folder: Path, engine: str, dump: str, declared: str, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """Return the lines of what differs between a dump and models."""
    models = f"models_beside_{engine}"
    build_tree(folder, {"schema.sql": dump, f"{models}.py": MODELS + declared})
    monkeypatch.setenv("TEST_HARNESS_APPLICATION_IMPORT_PATH", "")
    monkeypatch.setenv("TEST_HARNESS_DATABASE_MIGRATIONS", "")
    monkeypatch.setenv("TEST_HARNESS_DATABASE_SCHEMA_DUMP", "schema.sql")
    with harness_of(folder, models, engine) as runtime:
        from test_harness.migrations import dump as module

        return [f"{finding.check}: {finding.problem}" for finding in module.examine(runtime)]


@pytest.mark.parametrize("engine", DRIVERS)
def test_a_dump_is_loaded_as_it_is_written(
    tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dump = (DUMPS / f"{engine}.sql").read_text()
    assert found_in(tmp_path, engine, dump, DECLARED[engine], monkeypatch) == []


@pytest.mark.parametrize("engine", DRIVERS)
def test_what_models_and_dump_do_not_share_is_named(
    tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dump = (DUMPS / f"{engine}.sql").read_text()
    declared = DECLARED[engine].replace("String(100)", "String(50)")
    declared += 'sa.Table("notes", metadata, sa.Column("id", sa.Integer, primary_key=True))\n'
    found = found_in(tmp_path, engine, dump, declared, monkeypatch)
    assert len(found) == 2
    assert "dump: missing:   table notes" in found
    assert "dump: differs:   column users.email is" in "".join(found)


@pytest.mark.parametrize("kind", MORE)
def test_a_dump_of_more_than_one_schema_is_refused_by_name(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from test_harness.errors import ProvisioningError

    engine, dump, says = MORE[kind]
    with pytest.raises(ProvisioningError, match="Fix: Make the dump with") as raised:
        found_in(tmp_path, engine, dump.format(victim="a_database_of_others"), "", monkeypatch)
    assert says in str(raised.value)


def test_nothing_but_declarations_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a dump says beside them could reach what is outside of the scratch database."""
    server = create_engine("mysql+pymysql://root@127.0.0.1/")
    dump = (
        "CREATE TABLE `a` (`id` int(11) NOT NULL AUTO_INCREMENT, PRIMARY KEY (`id`))\n"
        "  ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;\n"
        "SET GLOBAL max_connections = 7;\nGRANT ALL ON *.* TO a_stranger@localhost;\n"
        "CREATE VIEW reached AS SELECT 1;\nDROP TABLE `a`;\n"
    )
    declared = 'sa.Table("a", metadata, sa.Column("id", sa.Integer, primary_key=True))\n'
    assert found_in(tmp_path, "mysql", dump, declared, monkeypatch) == []
    with server.connect() as connection:
        assert connection.scalar(text("SELECT @@GLOBAL.max_connections")) != 7
        assert not connection.scalar(text("SELECT 1 FROM mysql.user WHERE User = 'a_stranger'"))
        assert "a_database_of_others" not in inspect(connection).get_schema_names()
    server.dispose()


def test_only_what_a_dump_needs_is_rendered(template: Path, tmp_path: Path) -> None:
    project = build_tree(tmp_path / "project", {"models.py": MODELS})
    render(
        template, project, questions="everything", project="shop", framework="none", mode="sync",
        metadata_path="models:metadata",
        database_engine="postgresql", database_driver="psycopg", schema_dump="db/schema.sql",
    )  # fmt: skip
    names = {Path(name).name for name in files_of(project)}
    assert "test_schema_dump.py" in names
    assert names.isdisjoint({"test_migrations.py", "migration_data.py"})
    assert 'schema_dump = "db/schema.sql"' in (project / "tests" / "harness.toml").read_text()
