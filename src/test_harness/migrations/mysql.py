"""Reads the schema of a MySQL or MariaDB database: the lines of SHOW CREATE TABLE."""

from __future__ import annotations

import re
from functools import cache

from sqlalchemy import Connection

from test_harness.migrations.snapshot import Column, Snapshot, Table, normal

_COLUMN = re.compile(
    r"`(?P<name>[^`]+)` (?P<type>\w+(?:\((?:'(?:[^']|'')*'|[^')])*\))?(?: unsigned)?)(?P<rest>.*)"
)
_DEFAULT = re.compile(r" DEFAULT ('(?:[^']|'')*'|\w+(?:\([^)]*\))?|\([^ ]*\))")
_KEY = re.compile(
    r"(?:CONSTRAINT `(?P<name>[^`]+)` )?(?P<kind>PRIMARY KEY|FOREIGN KEY|CHECK) (?P<rest>.*)"
)
_INDEX = re.compile(
    r"(?P<kind>UNIQUE KEY|FULLTEXT KEY|SPATIAL KEY|KEY) `(?P<name>[^`]+)` (?P<rest>.*)"
)


class Catalog:
    """Reads one database; `test_harness.migrations.snapshot.Catalog` says how."""

    def read(self, connection: Connection, reuse: Snapshot) -> Snapshot:
        quote = connection.dialect.identifier_preparer.quote_identifier
        snapshot: Snapshot = {}
        others: dict[str, str] = {}
        for name, kind in connection.exec_driver_sql("SHOW FULL TABLES").all():
            if kind != "BASE TABLE":
                others[f"{kind.lower()} {name}"] = ""
            elif name in reuse:
                snapshot[name] = reuse[name]
            else:
                row = connection.exec_driver_sql(f"SHOW CREATE TABLE {quote(name)}").one()
                snapshot[name] = _table(row[1])
        snapshot[""] = Table(things=others)
        return snapshot


@cache
def _table(ddl: str) -> Table:
    columns: dict[str, Column] = {}
    things: dict[str, str] = {}
    _, *lines, last = ddl.splitlines()
    for line in (line.strip().removesuffix(",") for line in lines):
        if match := _COLUMN.match(line):
            columns[match["name"]] = _column(match["type"], match["rest"])
        elif match := _KEY.match(line):
            kind = match["kind"].lower()
            rest = normal(match["rest"]) if kind == "check" else match["rest"].replace("`", "")
            things[f"{kind} {rest}"] = match["name"] or ""
        elif match := _INDEX.match(line):
            rest = match["rest"].replace("`", "")
            if match["kind"] == "UNIQUE KEY":
                things[f"unique {rest}"] = match["name"]
            else:
                things[f"index {match['name']}"] = rest
    things["options"] = re.sub(r" AUTO_INCREMENT=\d+", "", last.removeprefix(")").strip())
    _leave_out_implied_indexes(things)
    return Table(columns, things)


def _column(kind: str, rest: str) -> Column:
    default = _DEFAULT.search(rest)
    value = default[1] if default and default[1] != "NULL" else None
    nullable = " NOT NULL" not in rest
    computed = " GENERATED ALWAYS " in rest
    for known in (default[0] if default else "", " NOT NULL", " NULL"):
        rest = rest.replace(known, "", 1) if known else rest
    return Column(kind, nullable, value, computed, rest.strip())


def _leave_out_implied_indexes(things: dict[str, str]) -> None:
    """The server makes an index for each foreign key that has none, under a name of its own."""
    keyed = {thing[len("foreign key ") :].partition(" REFERENCES")[0] for thing in things}
    for thing in [key for key in things if key.startswith("index ")]:
        if things[thing] in keyed:
            del things[thing]
