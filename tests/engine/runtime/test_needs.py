"""Models get their tables where these need schemas, extensions, types or functions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect

from tests.histories import Past, harness_of, write
from tests.worlds import build_tree

HEAD = """
from sqlalchemy.dialects import postgresql as pg
Table, Column, Integer, String = sa.Table, sa.Column, sa.Integer, sa.String
key = lambda: Column("id", Integer, primary_key=True)
"""
MADE_BY_ITSELF = {
    "two schemas, one of a foreign key": (
        'Table("customers", metadata, key(), schema="crm")\n'
        'Table("bills", metadata, key(), Column("customer_id", sa.ForeignKey("crm.customers.id")),'
        ' schema="billing")',
        "",
    ),
    "the schema of an enum": (
        'Table("bills", metadata, key(), Column("state", sa.Enum("a", name="s", schema="kinds")))',
        "",
    ),
    "a type": ('Table("bills", metadata, key(), Column("mail", pg.CITEXT))', "citext"),
    "a type within an array": (
        'Table("bills", metadata, key(), Column("tags", pg.ARRAY(pg.HSTORE)))', "hstore",
    ),
    "a function": (
        'Table("bills", metadata, Column("id", sa.Uuid, primary_key=True,'
        ' server_default=sa.text("uuid_generate_v4()")))',
        "uuid-ossp",
    ),
    "an operator class": (
        'sa.Index("ix", Table("bills", metadata, key(), Column("name", String)).c.name,'
        ' postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"})',
        "pg_trgm",
    ),
    "an operator of an exclusion": (
        'Table("bills", metadata, key(), Column("room", Integer), Column("at", pg.TSRANGE),'
        ' pg.ExcludeConstraint(("room", "="), ("at", "&&"), using="gist"))',
        "btree_gist",
    ),
}  # fmt: skip
STARTS = """
from sqlalchemy.ext.asyncio import create_async_engine
engine = create_async_engine("postgresql+psycopg://app@production.invalid/app")
async def app(scope, receive, send):
    assert (await receive())["type"] == "lifespan.startup"
    async with engine.begin() as connection:
        for statement in STATEMENTS:
            await connection.exec_driver_sql(statement)
        await connection.run_sync(metadata.create_all)
    await send({{"type": "lifespan.startup.complete"}})
    await receive()
    await send({{"type": "lifespan.shutdown.complete"}})
STATEMENTS = {statements!r}
"""
MADE_BY_START_UP = {
    "an enum that the models do not make": (
        'Table("bills", metadata, key(),'
        ' Column("state", pg.ENUM("a", name="bill_state", create_type=False)))',
        "CREATE TYPE bill_state AS ENUM ('a')",
    ),
    "a sequence in a default": (
        'Table("bills", metadata, key(),'
        """ Column("number", Integer, server_default=sa.text("nextval('bill_numbers')")))""",
        "CREATE SEQUENCE bill_numbers",
    ),
    "a function in a default": (
        'Table("bills", metadata, key(),'
        ' Column("number", Integer, server_default=sa.text("bill_number()")))',
        "CREATE FUNCTION bill_number() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ),
}


@contextmanager
def built(
    folder: Path, models: str, monkeypatch: pytest.MonkeyPatch, framework: str = "none"
) -> Iterator[set[str]]:
    """Within the block the test database of a project without migrations is there."""
    from test_harness.application.loading import application
    from test_harness.runtime.schema import sync_engine

    name = write(Past("", [], HEAD + models), "postgresql", folder)
    path = f"{name}:app" if "async def app" in models else ""
    monkeypatch.setenv("TEST_HARNESS_APPLICATION_IMPORT_PATH", path)
    monkeypatch.setenv("TEST_HARNESS_APPLICATION_FRAMEWORK", framework)
    monkeypatch.setenv("TEST_HARNESS_DATABASE_MIGRATIONS", "")
    with harness_of(folder, name, "postgresql") as harness:
        application.cache_clear()
        try:
            harness.ensure_database()
            with harness.seam.real_connections(), sync_engine(harness.database) as engine:
                there: Any = inspect(engine)
                yield {
                    name for schema in there.get_schema_names() if schema != "information_schema"
                    for name in there.get_table_names(schema)
                }  # fmt: skip
        finally:
            application.cache_clear()
            harness.database.drop()


@pytest.mark.parametrize("need", MADE_BY_ITSELF)
def test_what_a_model_needs_is_made(
    tmp_path: Path, need: str, monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    models, extension = MADE_BY_ITSELF[need]
    build_tree(tmp_path, {"setup.sql": f'-- by hand\nCREATE EXTENSION "{extension}";'})
    with built(tmp_path, models, monkeypatch) as tables:
        assert "bills" in tables
    said = [str(warning.message) for warning in recwarn]
    if extension:
        assert len(said) == 1
        assert said[0].startswith(f"The models need the extension {extension} of PostgreSQL for ")
        assert said[0].endswith("it is made in test databases, as in setup.sql:2.")
    else:
        assert said == []


@pytest.mark.parametrize("need", MADE_BY_START_UP)
def test_start_up_makes_what_nothing_else_does(
    tmp_path: Path, need: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    models, statement = MADE_BY_START_UP[need]
    starts = STARTS.format(statements=[statement])
    with built(tmp_path, f"{models}\n{starts}", monkeypatch, "fastapi") as tables:
        assert "bills" in tables


def test_what_nothing_makes_is_named_with_the_line_that_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from test_harness.errors import ProvisioningError

    models, statement = MADE_BY_START_UP["a sequence in a default"]
    build_tree(tmp_path, {"scripts/prepare.sql": f"\n{statement};\n"})
    says = re.escape(
        'cannot be created: relation "bill_numbers" does not exist; scripts/prepare.sql:2 makes '
        "it, which does not run before."
    )
    refused = pytest.raises(ProvisioningError, match=says)
    with refused, built(tmp_path, models, monkeypatch):
        pass


def test_an_extension_that_the_server_lacks_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from test_harness.errors import ProvisioningError

    models = (
        "class Upc(sa.types.UserDefinedType):\n"
        "    def get_col_spec(self, **kw): return 'no_such_type'\n"
        'Table("bills", metadata, key(), Column("code", Upc))'
    )
    from test_harness.runtime import needs

    monkeypatch.setitem(needs._EXTENSION_OF, "no_such_type", "no_such_extension")
    says = r"need the extension no_such_extension of PostgreSQL: .*no_such_extension"
    refused = pytest.raises(ProvisioningError, match=says)
    with refused, built(tmp_path, models, monkeypatch):
        pass


CONNECTS = """
made = metadata
del metadata
sa.create_engine(
    "postgresql+psycopg://app@production.invalid/app", poolclass=sa.NullPool
).connect().close()
metadata = made
{models}
async def app(scope, receive, send): ...
"""


def test_what_connects_above_the_line_of_the_base_stops_no_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = CONNECTS.format(models='Table("bills", metadata, key())')
    with built(tmp_path, models, monkeypatch, "fastapi") as tables:
        assert "bills" in tables
