"""Reads the schema of a PostgreSQL database from its catalogs."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlalchemy import Connection, text

from harness.migrations.snapshot import Column, Snapshot, Table, normal

# What belongs to an extension is the extension's business. The walk asks three times for each
# revision, so that what is asked of a few tables must not read the catalogs of all.
# https://www.postgresql.org/docs/current/catalogs.html
_TABLES = text("""
SELECT c.oid, CASE WHEN n.nspname = current_schema() THEN '' ELSE n.nspname || '.' END || c.relname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^(pg_|information_schema)' AND NOT EXISTS (
    SELECT FROM pg_depend d
    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
""")

_PARTS = text("""
WITH looked AS (SELECT CAST(string_to_array(CAST(:oids AS text), ',') AS oid[]) AS oids)
SELECT a.attrelid AS oid, 'column' AS kind, a.attname AS key,
    format_type(a.atttypid, a.atttypmod) AS definition, NOT a.attnotnull AS nullable,
    CASE WHEN a.attidentity <> '' THEN 'identity ' || a.attidentity::text
        WHEN a.attgenerated <> '' THEN 'generated ' || pg_get_expr(d.adbin, d.adrelid)
        ELSE pg_get_expr(d.adbin, d.adrelid) END AS fallback,
    concat_ws(' ', 'COLLATE ' || CASE WHEN a.attcollation <> y.typcollation
        THEN (SELECT collname FROM pg_collation l WHERE l.oid = a.attcollation) END,
        'COMMENT ' || quote_literal(s.description)) AS rest
FROM pg_attribute a
JOIN pg_type y ON y.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_description s ON s.classoid = 'pg_class'::regclass AND s.objoid = a.attrelid
    AND s.objsubid = a.attnum
WHERE a.attrelid = ANY(ARRAY(SELECT unnest(oids) FROM looked)) AND a.attnum > 0
    AND NOT a.attisdropped
UNION ALL
SELECT k.conrelid, 'constraint', k.conname, pg_get_constraintdef(k.oid), false, '', ''
FROM pg_constraint k
WHERE k.conrelid = ANY(ARRAY(SELECT unnest(oids) FROM looked))
    AND k.contype IN ('c', 'f', 'p', 'u', 'x')
UNION ALL
SELECT x.indrelid, 'index', i.relname, pg_get_indexdef(i.oid), false, '', ''
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
WHERE x.indrelid = ANY(ARRAY(SELECT unnest(oids) FROM looked)) AND NOT EXISTS (
    SELECT FROM pg_constraint k WHERE k.conindid = i.oid AND k.conrelid = x.indrelid)
UNION ALL
SELECT g.tgrelid, 'trigger', g.tgname, pg_get_triggerdef(g.oid), false, '', ''
FROM pg_trigger g
WHERE g.tgrelid = ANY(ARRAY(SELECT unnest(oids) FROM looked)) AND NOT g.tgisinternal
UNION ALL
SELECT s.objoid, 'comment', '', s.description, false, '', ''
FROM pg_description s
WHERE s.objoid = ANY(ARRAY(SELECT unnest(oids) FROM looked))
    AND s.classoid = 'pg_class'::regclass AND s.objsubid = 0
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
    """Reads one database; `harness.migrations.snapshot.Catalog` says how."""

    def __init__(self) -> None:
        self._tables: dict[int, str] = {}

    def read(self, connection: Connection, reuse: Snapshot) -> Snapshot:
        outside = reuse.get("")
        if outside is None:
            others = {str(thing): _line(it) for thing, it in connection.execute(_OUTSIDE)}
            outside = Table(things=others)
            self._tables = {oid: name for oid, name in connection.execute(_TABLES)}  # noqa: C416
        there = self._tables
        snapshot = {"": outside} | {name: reuse.get(name, Table()) for name in there.values()}
        oids = ",".join(str(oid) for oid, name in there.items() if name not in reuse)
        if not oids:
            return snapshot
        parts: dict[int, tuple[dict[str, Column], dict[str, str]]] = {}
        for oid, kind, key, definition, nullable, default, rest in connection.execute(
            _PARTS, {"oids": oids}
        ):
            columns, things = parts.setdefault(oid, ({}, {}))
            if kind == "column":
                columns[key] = _column(definition, nullable, default, rest, outside.things)
            elif kind == "constraint":
                things[_constraint(definition)] = key
            elif kind == "index":
                things[f"index {key}"] = _index(definition)
            else:
                things[f"{kind} {key}".strip()] = _line(definition)
        return snapshot | {there[oid]: Table(*both) for oid, both in parts.items()}


def _column(
    kind: str, nullable: bool, default: str | None, rest: str, outside: Mapping[str, str]
) -> Column:
    if default == "CURRENT_TIMESTAMP":
        default = "now()"
    elif default and default.startswith("nextval('"):
        # The sequence of a serial column is called after the table that the column was made in.
        sequence = default.split("'")[1]
        default = default if f"sequence {sequence}" in outside else "serial"
    computed = default is not None and default.startswith(("identity a", "generated "))
    return Column(kind, nullable, default, computed, rest)


def _constraint(definition: str) -> str:
    kind, rest = re.match(r"([A-Z]+(?: KEY)?) ?(.*)", definition, re.DOTALL).groups()  # type: ignore[union-attr]
    return f"{kind.lower()} {normal(rest) if kind == 'CHECK' else rest}"


def _index(definition: str) -> str:
    # Its name and its table are known.
    unique = "unique " if definition.startswith("CREATE UNIQUE") else ""
    return unique + definition[definition.index(" USING ") + 7 :]


def _line(definition: str | None) -> str:
    return " ".join((definition or "").split())
