"""The schema of the real database, as a dump tells it, beside the schema of the models.

A dump rather than an address: what is never connected to cannot be harmed. Only statements that
declare tables, and what tables are made of, are taken from it; they are sent to a database of the
harness's own, and no other program is needed for that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection

from test_harness.databases.database import make_database
from test_harness.errors import ProvisioningError, first_line
from test_harness.migrations import comparison
from test_harness.migrations.findings import Finding
from test_harness.migrations.snapshot import make_catalog
from test_harness.project import project_dir
from test_harness.runtime.process import Runtime
from test_harness.runtime.schema import load_metadata, sync_engine

CHECK = "dump"

_FIX = "correct the model or the database; a dump that is out of date is to be made anew"
_KINDS = (
    r"(?:UNLOGGED )?TABLE|(?:UNIQUE )?INDEX|SEQUENCE|TYPE|DOMAIN|COLLATION|SCHEMA|EXTENSION|"
    r"(?:OR REPLACE )?(?:FUNCTION|VIEW|OPERATOR|AGGREGATE|CAST)|MATERIALIZED VIEW"
)


@dataclass(frozen=True)
class Dialect:
    """How an engine's own program writes a dump.

    Args:
        command: What makes a dump of this kind.
        text: What a semicolon does not end a statement within.
        declares: The statements that are sent; all others are passed over.
        before: What is sent first.
    """

    command: str
    text: str
    declares: str
    before: str


DIALECTS = {
    "postgresql": Dialect(
        "pg_dump --schema-only",
        r"'(?:[^']|'')*'|\"[^\"]*\"|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$|--[^\n]*|/\*.*?\*/"
        r"|\bBEGIN ATOMIC\b.*?\bEND(?=\s*;)",
        rf"CREATE (?:{_KINDS})\b|ALTER (?:TABLE|SEQUENCE|INDEX|TYPE)\b(?!.* OWNER TO )"
        r"|COMMENT ON (?:TABLE|COLUMN) |SET search_path "
        r"|SELECT pg_catalog\.set_config\('search_path'",
        "SET check_function_bodies = false",
    ),
    "mysql": Dialect(
        "mysqldump --no-data",
        r"'(?:[^'\\]|''|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`|(?:--|#)[^\n]*|/\*(?!M?!).*?\*/",
        r"CREATE TABLE |ALTER TABLE ",
        "SET FOREIGN_KEY_CHECKS = 0",
    ),
    "sqlite": Dialect(
        "sqlite3 app.db .schema",
        r"'(?:[^']|'')*'|\"[^\"]*\"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/"
        # What a trigger does ends at an END of its own.
        r"|\bCREATE TRIGGER\b.*?\bEND(?=\s*;)",
        r"CREATE TABLE (?!['\"]?sqlite_)|CREATE (?:UNIQUE )?INDEX ",
        "PRAGMA foreign_keys = OFF",
    ),
}  # fmt: skip

# What tells that a dump is more than the schema of one database.
_ROWS = re.compile(r"(?:COPY .* FROM stdin|INSERT INTO|REPLACE INTO)\b", re.I | re.S)
_OTHERS = re.compile(
    r"\\c(?:onnect)?\b|USE\b|(?:CREATE|DROP|ALTER) DATABASE\b"
    # Which is a schema elsewhere.
    r"|(?:CREATE|ALTER) TABLE (?:IF NOT EXISTS )?`?\w+`?\s*\.\s*`",
    re.I,
)
# What is for the program that reads a dump, not for the server; triggers and procedures of MySQL,
# which models do not declare, are written so.
_FOR_PROGRAMS = re.compile(
    r"^DELIMITER (?!;$).*?^DELIMITER ;$|^\\(?:un)?restrict\b[^\n]*$"
    r"|^/\*M!999999\\- enable the sandbox mode \*/ *$",
    re.M | re.S,
)


def examine(harness: Runtime) -> list[Finding]:
    """Compare the models with the dump, and return what differs.

    Args:
        harness: The harness of this process.

    Raises:
        ProvisioningError: The dump cannot be loaded; the message says where and why.
    """
    settings = harness.settings.database
    harness.application()
    models = make_database(settings, harness.name, "models")
    database = make_database(settings, harness.name, "dump")
    database.create()
    try:
        with (
            harness.seam.real_connections(database),
            sync_engine(database) as engine,
        ):
            with engine.connect() as connection:
                load(connection, project_dir() / settings.schema_dump, database.engine)
            # Anew, because a dump may leave another search_path behind.
            engine.dispose()
            with engine.connect() as connection:
                there = make_catalog(database.engine).read(connection, {})
    finally:
        database.drop()
    target = comparison.Target(there)
    found = comparison.compare(target, load_metadata(settings), models, harness.seam)
    return [replace(finding, check=CHECK, fix=_FIX) for finding in found]


def load(connection: Connection, path: Path, engine: str) -> None:
    """Send what a dump declares to an empty database.

    Args:
        connection: Leads there.
        path: The dump.
        engine: The kind of database that it is of.

    Raises:
        ProvisioningError: There is no such file, or it is not the schema of one database.
    """
    dialect = DIALECTS[engine]
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise ProvisioningError(
            f"The dump {path} cannot be read: {error}.",
            f"Correct [database] schema_dump in harness.toml; `{dialect.command}` makes one.",
        ) from None
    cursor = connection.connection.cursor()
    cursor.execute(dialect.before)
    for line, statement in statements(text, dialect):
        _refuse_more(statement, f"{path.name}:{line}", dialect)
        if not re.match(dialect.declares, statement, re.I | re.S):
            continue
        try:
            cursor.execute(statement)
        except connection.dialect.loaded_dbapi.Error as error:
            raise ProvisioningError(
                f"{path.name}:{line} cannot be loaded: {first_line(error)}\n"
                f"  Statement: {' '.join(statement.split())[:200]}",
                f"Make the dump with `{dialect.command}` of a server like the one of the tests.",
            ) from None
    connection.connection.commit()


def statements(text: str, dialect: Dialect) -> Iterator[tuple[int, str]]:
    """Return each statement of a dump, without comments, and the line that it begins in."""
    text = _FOR_PROGRAMS.sub(lambda match: "\n" * match[0].count("\n"), text)
    token = re.compile(rf"({dialect.text})|;+", re.I | re.S)
    parts: list[str] = []
    begin = position = 0
    for match in token.finditer(text):
        parts.append(text[position : match.start()])
        position = match.end()
        if match[1] is None:
            yield from _statement(text, begin, parts)
            parts, begin = [], position
        elif not match[0].startswith(("--", "#", "/*")):
            parts.append(match[0])
    yield from _statement(text, begin, [*parts, text[position:]])


def _statement(text: str, begin: int, parts: list[str]) -> Iterator[tuple[int, str]]:
    # What MySQL writes for servers of some version is for this one as well.
    statement = re.sub(r"/\*M?!\d*(.*?)\*/", r"\1", "".join(parts), flags=re.S).strip()
    # Every database has one schema from the beginning.
    statement = re.sub(r"^CREATE SCHEMA (?!IF)", "CREATE SCHEMA IF NOT EXISTS ", statement)
    if statement:
        first = text.find(statement[:8], begin)
        yield text.count("\n", 0, max(first, begin)) + 1, statement


def _refuse_more(statement: str, where: str, dialect: Dialect) -> None:
    if _ROWS.match(statement):
        reason = "holds rows, which a repository is no place for"
    elif _OTHERS.match(statement):
        reason = "speaks of another database"
    else:
        return
    raise ProvisioningError(
        f"{where} {reason}: {' '.join(statement.split())[:80]}",
        f"Make the dump with `{dialect.command}`, of one database.",
    )
