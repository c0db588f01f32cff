"""Reads the schema of a SQLite database from its PRAGMAs, and what these leave out from the DDL."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine.interfaces import DBAPICursor

from test_harness.migrations.snapshot import Column, Snapshot, Table, normal

_CHECK = re.compile(r'(?:\bCONSTRAINT\s+["`\[]?(\w+)["`\]]?\s+)?\bCHECK\s*\(', re.IGNORECASE)
_SAME_TYPES = {"BOOL": "BOOLEAN", "DECIMAL": "NUMERIC", "INT": "INTEGER"}


class Catalog:
    """Reads one database; `test_harness.migrations.snapshot.Catalog` says how."""

    def __init__(self) -> None:
        # A table is what its DDL says it is, so that the same DDL need not be looked at again.
        self._known: dict[tuple[tuple[str, ...], ...], Table] = {}

    def read(self, connection: Connection, reuse: Snapshot) -> Snapshot:
        # By the driver's own cursor: asked three times for each revision, SQLAlchemy's would take
        # longer than SQLite does.
        cursor = connection.connection.cursor()
        cursor.execute(
            "SELECT tbl_name, type, name, sql FROM sqlite_master"
            " WHERE substr(tbl_name, 1, 7) <> 'sqlite_' ORDER BY tbl_name, name"
        )
        snapshot: Snapshot = {"": Table()}
        views: dict[str, str] = {}
        for name, group in groupby(cursor.fetchall(), key=itemgetter(0)):
            parts = tuple(group)
            if parts[0][1] == "view":
                views[f"view {name}"] = normal(parts[0][3])
                continue
            if parts not in self._known:
                self._known[parts] = _table(cursor, name, parts)
            snapshot[name] = self._known[parts]
        cursor.close()
        if views:
            snapshot[""] = Table(things=views)
        return snapshot


def _table(cursor: DBAPICursor, name: str, parts: tuple[tuple[str, ...], ...]) -> Table:
    def pragma(which: str, of: str) -> Sequence[Any]:
        quoted = of.replace("'", "''")
        cursor.execute(f"SELECT * FROM pragma_{which}('{quoted}')")  # noqa: S608
        return cursor.fetchall()

    written = {part: sql or "" for _, kind, part, sql in parts}
    ddl = next(sql for _, kind, _, sql in parts if kind == "table")
    checks, named = _checks(ddl), _named(ddl)
    columns, key = {}, {}
    for _, column, kind, not_null, default, primary, hidden in pragma("table_xinfo", name):
        columns[column] = Column(
            _type(kind),
            not (not_null or primary),
            None if default is None else _default(default),
            computed=hidden in {2, 3},
            rest=_expression(ddl, column) if hidden in {2, 3} else _collation(ddl, column),
        )
        key[primary] = column
    things = {"primary key " + _listed(key[at] for at in sorted(key) if at): ""} if any(key) else {}
    things |= {f"check {check}": constraint for check, constraint in checks}
    for _, index, unique, origin, _ in pragma("index_list", name):
        if origin == "c":
            over = re.split(r"\bON\b", written[index], maxsplit=1, flags=re.IGNORECASE)[1]
            kind = "unique " if unique else ""
            things[f"index {index}"] = kind + normal(over[over.index("(") :])
        elif origin == "u":
            of = _listed(row[2] for row in pragma("index_info", index))
            things[f"unique {of}"] = named.get(f"unique {of}".lower(), "")
    for _, group in groupby(pragma("foreign_key_list", name), key=lambda row: row[0]):
        rows = list(group)
        _, _, table, _, _, on_update, on_delete, _ = rows[0]
        referred = [row[4] or "" for row in rows]
        thing = (
            f"foreign key {_listed(row[3] for row in rows)} references {table}{_listed(referred)}"
        )
        things[
            thing
            + (f" on update {on_update.lower()}" if on_update != "NO ACTION" else "")
            + (f" on delete {on_delete.lower()}" if on_delete != "NO ACTION" else "")
        ] = named.get(f"foreign key {_listed(row[3] for row in rows)}".lower(), "")
    things |= {f"trigger {part}": normal(sql) for _, kind, part, sql in parts if kind == "trigger"}
    return Table(columns, things)


def _type(written: str) -> str:
    word, _, rest = " ".join(written.upper().split()).partition("(")
    word = word.strip()
    return _SAME_TYPES.get(word, word) + (f"({rest.replace(' ', '')}" if rest else "")


def _default(written: str) -> str:
    text = written.strip()
    while text.startswith("(") and _balanced(text, 0) == len(text):
        text = text[1:-1].strip()
    if re.fullmatch(r"'-?\d+(\.\d+)?'", text):
        text = text[1:-1]
    return {"true": "1", "false": "0"}.get(text.lower(), normal(text))


def _collation(ddl: str, column: str) -> str:
    if "COLLATE" not in ddl.upper():
        return ""
    definition = rf'[(,]\s*["`\[]?{re.escape(column)}["`\]]?\s[^,]*?'
    found = re.search(rf'{definition}\bCOLLATE\s+["`]?(\w+)', ddl, re.IGNORECASE)
    return f"COLLATE {found[1].upper()}" if found else ""


def _expression(ddl: str, column: str) -> str:
    definition = rf'[(,]\s*["`\[]?{re.escape(column)}["`\]]?\s.*?\bAS\s*(?=\()'
    found = re.search(definition, ddl, re.IGNORECASE | re.DOTALL)
    return f"AS {normal(ddl[found.end() : _balanced(ddl, found.end())])}" if found else ""


def _checks(ddl: str) -> list[tuple[str, str]]:
    """Return the CHECK constraints in the DDL of a table, each with its name if it has one."""
    found = []
    for match in _CHECK.finditer(ddl):
        opening = match.end() - 1
        found.append((normal(ddl[opening : _balanced(ddl, opening)]), match[1] or ""))
    return found


def _named(ddl: str) -> dict[str, str]:
    """Return the names of the UNIQUE and FOREIGN KEY constraints that have one."""
    pattern = r'\bCONSTRAINT\s+["`\[]?(\w+)["`\]]?\s+(UNIQUE|FOREIGN KEY)\s*\(([^)]*)\)'
    return {
        f"{kind.lower()} {_listed(normal(part).strip() for part in columns.split(','))}": name
        for name, kind, columns in re.findall(pattern, ddl, re.IGNORECASE)
    }


def _balanced(text: str, opening: int) -> int:
    """Return where the parenthesis that opens at `opening` has been closed."""
    depth, quoted = 0, False
    for position in range(opening, len(text)):
        character = text[position]
        if character == "'":
            quoted = not quoted
        elif not quoted and character in "()":
            depth += 1 if character == "(" else -1
            if depth == 0:
                return position + 1
    return len(text)


def _listed(names: Any) -> str:
    return f"({', '.join(names)})"
