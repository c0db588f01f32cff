"""Reads the schema of a PostgreSQL database from its catalogs."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from sqlalchemy import Connection, text

from test_harness.migrations.snapshot import Column, Snapshot, Table, normal

# What belongs to an extension is the extension's business. The walk asks three times for each
# revision, so that the parts of a table are put together here: joins take longer to be planned
# than to be run. https://www.postgresql.org/docs/current/catalogs.html
_TABLES = text("""
SELECT c.oid, CASE WHEN n.nspname = current_schema() THEN '' ELSE n.nspname || '.' END || c.relname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^(pg_|information_schema)' AND NOT EXISTS (
    SELECT FROM pg_depend d
    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
""")

_PARTS = text("""
SELECT 'column' AS kind, CAST(attnum AS bigint) AS number, attname AS name,
    format_type(atttypid, atttypmod) AS definition, NOT attnotnull AS nullable,
    concat(attidentity, attgenerated) AS made,
    CASE WHEN attcollation NOT IN (0, CAST('pg_catalog."default"' AS regcollation))
        THEN CAST(CAST(attcollation AS regcollation) AS text) END AS collation
FROM pg_attribute WHERE attrelid = CAST(:oid AS oid) AND attnum > 0 AND NOT attisdropped
UNION ALL
SELECT 'default', adnum, '', pg_get_expr(adbin, adrelid), false, '', ''
FROM pg_attrdef WHERE adrelid = CAST(:oid AS oid)
UNION ALL
SELECT 'comment', objsubid, '', description, false, '', ''
FROM pg_description
WHERE objoid = CAST(:oid AS oid) AND classoid = CAST('pg_class' AS regclass)
UNION ALL
SELECT 'constraint', CASE WHEN contype IN ('p', 'u', 'x') THEN CAST(conindid AS bigint) END,
    conname, pg_get_constraintdef(oid), false, '', ''
FROM pg_constraint
WHERE conrelid = CAST(:oid AS oid) AND contype IN ('c', 'f', 'p', 'u', 'x')
UNION ALL
SELECT 'index', CAST(indexrelid AS bigint), '', pg_get_indexdef(indexrelid), false, '', ''
FROM pg_index WHERE indrelid = CAST(:oid AS oid)
UNION ALL
SELECT 'trigger', 0, tgname, pg_get_triggerdef(oid), false, '', ''
FROM pg_trigger WHERE tgrelid = CAST(:oid AS oid) AND NOT tgisinternal
""")

_OUTSIDE = text("""
WITH spaces AS (
    SELECT oid, nspname, CASE WHEN nspname = current_schema() THEN '' ELSE nspname || '.' END
        AS prefix
    FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)'
)
SELECT 'enum ' || n.prefix || y.typname AS thing,
    (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder)
     FROM pg_enum WHERE enumtypid = y.oid) AS definition
FROM pg_type y JOIN spaces n ON n.oid = y.typnamespace WHERE y.typtype = 'e'
UNION ALL
SELECT CASE c.relkind WHEN 'S' THEN 'sequence ' ELSE 'view ' END || n.prefix || c.relname,
    CASE WHEN c.relkind <> 'S' THEN pg_get_viewdef(c.oid) END
FROM pg_class c JOIN spaces n ON n.oid = c.relnamespace
WHERE c.relkind IN ('S', 'v', 'm') AND NOT EXISTS (
    SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
    AND d.deptype IN ('a', 'e', 'i') AND (c.relkind = 'S' OR d.deptype = 'e'))
UNION ALL
SELECT 'function ' || n.prefix || p.proname || '(' || pg_get_function_identity_arguments(p.oid)
    || ')', p.prosrc
FROM pg_proc p JOIN spaces n ON n.oid = p.pronamespace
WHERE NOT EXISTS (SELECT FROM pg_depend d
    WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
UNION ALL
SELECT 'extension ' || extname, '' FROM pg_extension
UNION ALL
SELECT 'schema ' || nspname, '' FROM spaces WHERE prefix <> ''
""")


class Catalog:
    """Reads one database; `test_harness.migrations.snapshot.Catalog` says how."""

    def __init__(self) -> None:
        self._tables: dict[str, int] = {}

    def read(self, connection: Connection, reuse: Snapshot) -> Snapshot:
        outside = reuse.get("")
        if outside is None:
            others = {str(thing): _line(it) for thing, it in connection.execute(_OUTSIDE)}
            outside = Table(things=others)
            self._tables = {name: oid for oid, name in connection.execute(_TABLES)}
        sequences = frozenset(thing for thing in outside.things if thing.startswith("sequence "))
        snapshot = {"": outside}
        for name, oid in self._tables.items():
            if name in reuse:
                snapshot[name] = reuse[name]
            else:
                parts = connection.execute(_PARTS, {"oid": oid})
                snapshot[name] = _table(tuple(map(tuple, parts)), sequences)
        return snapshot


@cache
def _table(parts: tuple[tuple[Any, ...], ...], sequences: frozenset[str]) -> Table:
    of_kind: dict[str, list[tuple[Any, ...]]] = {}
    for kind, *rest in parts:
        of_kind.setdefault(kind, []).append(tuple(rest))
    defaults, comments, of_constraints = (
        {number: definition for number, _, definition, *_ in of_kind.get(kind, ())}
        for kind in ("default", "comment", "constraint")
    )
    columns = {
        name: Column(
            kind,
            nullable,
            _default(defaults.get(number), made, sequences),
            made not in {"", "d"},
            _rest(collation, comments.get(number)),
        )
        for number, name, kind, nullable, made, collation in of_kind.get("column", ())
    }
    things = {_constraint(it): name for _, name, it, *_ in of_kind.get("constraint", ())}
    things |= dict(
        _index(it) for number, _, it, *_ in of_kind.get("index", ()) if number not in of_constraints
    )
    things |= {f"trigger {name}": _line(it) for _, name, it, *_ in of_kind.get("trigger", ())}
    if 0 in comments:
        things["comment"] = _line(comments[0])
    return Table(columns, things)


def _default(written: str | None, made: str, sequences: frozenset[str]) -> str | None:
    if made:
        return f"generated {written}" if written else f"identity {made}"
    if written and written.startswith("nextval('"):
        # The sequence of a serial column is called after the table that the column was made in.
        sequence = written.split("'")[1]
        return written if f"sequence {sequence}" in sequences else "serial"
    return "now()" if written == "CURRENT_TIMESTAMP" else written


def _rest(collation: str | None, comment: str | None) -> str:
    collated = f"COLLATE {collation}".replace('"', "") if collation else ""
    return f"{collated} {f'COMMENT {comment}' if comment else ''}".strip()


def _constraint(definition: str) -> str:
    kind, rest = re.match(r"([A-Z]+(?: KEY)?) ?(.*)", definition, re.DOTALL).groups()  # type: ignore[union-attr]
    return f"{kind.lower()} {normal(rest) if kind == 'CHECK' else rest}"


def _index(definition: str) -> tuple[str, str]:
    made, _, method = definition.partition(" USING ")
    what, _, name = made.partition(" ON ")[0].partition(" INDEX ")
    unique = "unique " if what.endswith("UNIQUE") else ""
    return f"index {name.replace(chr(34), '')}", unique + method


def _line(definition: str | None) -> str:
    return " ".join((definition or "").split())
