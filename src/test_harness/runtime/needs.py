"""What `create_all` needs of a database and makes nothing of: schemas, extensions, start-up's work.

Schemas of tables are known from the models. Everything else is learned from what the server
refuses, so that nothing is made which is not needed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, MetaData, text
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError
from sqlalchemy.util import greenlet_spawn

from test_harness.application.lifespan import running
from test_harness.application.loading import application, being_made
from test_harness.errors import HarnessError, ProvisioningError, first_line
from test_harness.project import project_dir
from test_harness.runtime.event_loops import connections_noted
from test_harness.settings import settings

# By the types, functions, operator classes and access methods that extensions of PostgreSQL bring.
_EXTENSIONS = {
    "btree_gin": "default operator class for gin",
    "btree_gist": "default operator class for gist",
    "citext": "citext",
    "cube": "cube",
    "earthdistance": "earth ll_to_earth earth_distance",
    "fuzzystrmatch": "levenshtein soundex metaphone dmetaphone",
    "hstore": "hstore",
    "intarray": "gin__int_ops gist__int_ops query_int",
    "isn": "ean13 isbn isbn13 issn issn13 ismn upc",
    "ltree": "ltree lquery ltxtquery",
    "pg_trgm": "gin_trgm_ops gist_trgm_ops similarity word_similarity show_trgm",
    "pgcrypto": "gen_random_uuid gen_random_bytes crypt gen_salt digest hmac pgp_sym_encrypt",
    "postgis": "geometry geography box2d st_point st_makepoint st_setsrid st_geomfromtext",
    "postgis_raster": "raster",
    "unaccent": "unaccent",
    "uuid-ossp": "uuid_generate_v1 uuid_generate_v1mc uuid_generate_v3 uuid_generate_v4"
    " uuid_generate_v5",
    "vector": "vector halfvec sparsevec hnsw ivfflat vector_l2_ops vector_cosine_ops",
}
_EXTENSION_OF = {
    name: extension
    for extension, names in _EXTENSIONS.items()
    for name in (names.split() if "default" not in names else [names])
}
_MISSING = (
    re.compile(
        r'(schema|type|operator class|access method|relation|function) "?([\w.]+)"?.*not exist'
    ),
    re.compile(r"data type .* has no (default operator class for) access method \"(\w+)\""),
)
_REMEDIES = 20


def create_all(metadata: MetaData, engine: Engine) -> None:
    """Create the tables of models, and what they need.

    Args:
        metadata: The models.
        engine: Leads to the database, on connections of its own.

    Raises:
        SQLAlchemyError: It cannot be done.
        ProvisioningError: The server has not got an extension, or start-up fails that makes
            something.
    """
    if engine.dialect.name != "postgresql":
        metadata.create_all(engine)
        return
    schemas = {table.schema for table in metadata.tables.values()} | {metadata.schema}
    with engine.begin() as connection:
        for schema in sorted(filter(None, schemas)):
            connection.execute(_make("SCHEMA", schema, engine))
    _create_tables(metadata, engine, ())


def _create_tables(metadata: MetaData, engine: Engine, tried: tuple[str, ...]) -> None:
    try:
        metadata.create_all(engine)
    except ProgrammingError as error:
        kind, name = _missing(error)
        if name in tried or len(tried) > _REMEDIES:
            raise _unmade(error, kind, name) from error
        if not _remedied(engine, kind, name):
            _start_up(error, kind, name)
        _create_tables(metadata, engine, (*tried, name))


def _missing(error: ProgrammingError) -> tuple[str, str]:
    """Return of which kind what does not exist is, and its name; no kind for other errors."""
    said = first_line(error.orig or error)
    for pattern in _MISSING:
        if found := pattern.search(said):
            kind, name = found[1], found[2].lower()
            return (
                ("operator class", f"{kind} {name}") if kind.startswith("default") else (kind, name)
            )
    return "", said


def _remedied(engine: Engine, kind: str, name: str) -> bool:
    """Make a schema, or the extension that brings something; tell whether one does."""
    extension = _EXTENSION_OF.get(name.rpartition(".")[2])
    if kind == "schema":
        made = _make("SCHEMA", name, engine)
    elif kind and extension:
        made = _make("EXTENSION", extension, engine)
    else:
        return False
    try:
        with engine.begin() as connection:
            connection.execute(made)
    except SQLAlchemyError as error:
        where = mentioned(extension or name) or mentioned(name)
        raise ProvisioningError(
            f"The models need {'the extension ' + extension if extension else 'the schema ' + name}"
            f" of PostgreSQL{f', which {where} makes' if where else ''}: "
            f"{first_line(error.orig if hasattr(error, 'orig') else error)}.",
            "Install it on the server of the tests, or name another one in TEST_DATABASE_URL.",
        ) from error
    if extension:
        where = mentioned(extension)
        elsewhere = f"as in {where}" if where else "and has to be wherever else they run"
        warnings.warn(
            f"The models need the extension {extension} of PostgreSQL for {name}: it is made in "
            f"test databases, {elsewhere}.",
            stacklevel=2,
        )
    return True


def _make(kind: str, name: str, engine: Engine) -> Any:
    quoted = engine.dialect.identifier_preparer.quote_identifier(name)
    return text(f"CREATE {kind} IF NOT EXISTS {quoted}")


def _start_up(error: ProgrammingError, kind: str, name: str) -> None:
    """Have the application's start-up make what is missing, which may be the tables as well."""
    made_by = settings().application
    is_asgi = made_by.framework not in {"none", "flask"}
    if not kind or not is_asgi or being_made(made_by.import_path):
        raise _unmade(error, kind, name) from error
    try:
        asyncio.run(_started_once())
    except HarnessError as failure:
        raise ProvisioningError(
            f"The tables of {settings().database.metadata} cannot be created: "
            f"{first_line(error.orig or error)}. {failure.problem}",
            failure.fix,
        ) from error


async def _started_once() -> None:
    with connections_noted() as opened:
        async with running(application(), contextlib.nullcontext):
            pass
    for record in opened:
        # What its pools keep open ends with this loop.
        if record.dbapi_connection is not None:
            await greenlet_spawn(record.invalidate)


def _unmade(error: ProgrammingError, kind: str, name: str) -> Exception:
    where = mentioned(name)
    if not kind or not where:
        return error
    return ProvisioningError(
        f"The tables of {settings().database.metadata} cannot be created: "
        f"{first_line(error.orig or error)}; {where} makes it, which does not run before.",
        "Make it in start-up, or in an event of the metadata: "
        "`event.listen(metadata, 'before_create', DDL(...))`.",
    )


def mentioned(name: str) -> str:
    """Return the line of the project that makes something in a database, empty where none does."""
    made = re.compile(
        rf"CREATE\s+(?:OR\s+REPLACE\s+)?(?:EXTENSION|SCHEMA|TYPE|DOMAIN|FUNCTION|SEQUENCE)\b[^;]*?"
        rf"\b{re.escape(name)}\b",
        re.IGNORECASE,
    )
    for path in _sources(project_dir()):
        code = path.read_text(encoding="utf-8", errors="replace")
        if found := made.search(code):
            line = code.count("\n", 0, found.start()) + 1
            return f"{path.relative_to(project_dir()).as_posix()}:{line}"
    return ""


def _sources(root: Path) -> Iterator[Path]:
    """Yield the files of a project with code or SQL, without what lies in environments."""
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(
            it
            for it in folders
            if not it.startswith(".")
            and it not in {"node_modules", "site-packages"}
            and not Path(folder, it, "pyvenv.cfg").exists()
        )
        yield from (Path(folder, it) for it in sorted(files) if it.endswith((".py", ".sql")))
