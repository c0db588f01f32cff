"""Operations that work on an empty database and hurt on one in use: locks, rewrites, lost values.

They are looked for in the statements that a revision sent, so that it does not matter which way it
wrote them, and only where they hit a table that was there before. What only servers do has a module
for each of them, `postgresql_danger.py` and `mysql_danger.py`.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData

from test_harness.migrations.allowances import Revision
from test_harness.migrations.course import Passage
from test_harness.migrations.findings import Finding
from test_harness.migrations.runner import Statement
from test_harness.migrations.snapshot import Snapshot, Table, unquoted

SERVERS = {"postgresql", "mysql"}

_NO_COLUMN = r"(?:CONSTRAINT|CHECK|UNIQUE|INDEX|PRIMARY|FOREIGN)\b"
NAME = r"[\w.\"`\[\]]+"
_ALTER = re.compile(rf"\s*ALTER\s+TABLE\s+(?:ONLY\s+|IF EXISTS\s+)*({NAME})\s+(.*)", re.I | re.S)
ADD_COLUMN = re.compile(
    rf"ADD\s+(?:COLUMN\s+)?(?!{_NO_COLUMN})(?:IF NOT EXISTS\s+)?({NAME})\s+(.*)",
    re.I | re.S,
)
_DROP_COLUMN = re.compile(
    rf"DROP\s+(?:COLUMN\s+)?(?!{_NO_COLUMN})(?:IF EXISTS\s+)?({NAME})(?:\s+CASCADE)?\s*$",
    re.I,
)


@dataclass(frozen=True)
class Danger:
    """What is dangerous about an operation, and how the same is done without."""

    reason: str
    safe: str


_DANGERS = {
    "DB101": Danger(
        "drops a column that a model still maps: what runs while it is deployed breaks",
        "take it out of the model and deploy that first",
    ),
    "DB102": Danger(
        "drops a column and adds one of the same type: if it is renamed, its values are lost",
        "op.alter_column(table, old, new_column_name=new)",
    ),
}


def dangers(
    passages: list[Passage], head: Snapshot, metadata: MetaData, engine: str
) -> list[Finding]:
    """Return the dangerous operations of a history that no comment in the revision allows.

    A line `# migration-ok PG101: reason`, at the operation or above it, allows one.
    """
    known, found = dangers_of(engine), []
    # SQLite has nobody beside us who would wait.
    find = _module(engine).find if engine in SERVERS else lambda *_: ()
    for passage in passages:
        revision, name = Revision(Path(passage.script.path)), passage.script.revision
        found_in = [*_columns_gone(passage, head, metadata)]
        for it in passage.statements:
            found_in += [(code, it, what) for code, what in find(passage, it.text)]
        seen: set[tuple[str, int]] = set()
        for code, statement, what in found_in:
            if (code, statement.line) in seen or revision.allows(code, statement.line):
                continue
            seen.add((code, statement.line))
            problem = (
                f"{code} in {Path(passage.script.path).name}:{statement.line}: {what} "
                f"{known[code].reason}\n  Statement: {' '.join(statement.text.split())}"
            )
            fix = f"{known[code].safe}; or say why it is safe here: `# migration-ok {code}: reason`"
            found.append(Finding(code, f"{name} {what}", problem, fix))
    return found


def dangers_of(engine: str) -> dict[str, Danger]:
    """Return what is dangerous on an engine, by code."""
    return _DANGERS | (_module(engine).DANGERS if engine in SERVERS else {})


def _module(engine: str) -> Any:
    return importlib.import_module(f"test_harness.migrations.{engine}_danger")


def _columns_gone(
    passage: Passage, head: Snapshot, metadata: MetaData
) -> Iterator[tuple[str, Statement, str]]:
    mapped = {table.fullname: table for table in metadata.tables.values()}
    for name, before in passage.before.items():
        after = passage.after.get(name)
        if not name or after is None or after is before:
            continue
        gone = [key for key in before.columns if key not in after.columns]
        new = [key for key in after.columns if key not in before.columns]
        for column in gone:
            statement = _naming(passage, name, column)
            if statement is None:
                continue
            if (
                name in mapped
                and column in mapped[name].c
                and column not in head.get(name, Table()).columns
            ):
                yield "DB101", statement, f"{name}.{column}"
            for other in new:
                same = before.columns[column].type == after.columns[other].type
                if same and not _is_renamed(passage, column, other):
                    yield "DB102", statement, f"{name}.{column}"


def _naming(passage: Passage, table: str, column: str) -> Statement | None:
    """Return the statement that takes a column away, or rebuilds its table without it."""
    dropping = [
        it
        for it in passage.statements
        for action in alterations(it.text)[1]
        if (drop := _DROP_COLUMN.match(action)) and unquoted(drop[1]) == column
    ]
    short = table.rpartition(".")[2]
    rebuilding = [it for it in passage.statements if f"_alembic_tmp_{short}" in it.text]
    return next(iter(dropping or rebuilding), None)


def _is_renamed(passage: Passage, old: str, new: str) -> bool:
    """Whether a statement names both columns, so that values go from one into the other."""
    return any(
        re.search(rf"\b{re.escape(old)}\b", it.text)
        and re.search(rf"\b{re.escape(new)}\b", it.text)
        for it in passage.statements
    )


def alterations(text: str) -> tuple[str, list[str]]:
    """Return the table that a statement alters, and each thing it does to it."""
    match = _ALTER.match(text)
    if match is None:
        return "", []
    actions, depth = [""], 0
    for piece in re.findall(r"'(?:[^']|'')*'|[^'(),]+|.", match[2], re.S):
        depth += {"(": 1, ")": -1}.get(piece, 0)
        if piece == "," and depth == 0:
            actions.append("")
        else:
            actions[-1] += piece
    return unquoted(match[1]), [action.strip() for action in actions]


def is_widened(old: str, new: str) -> bool:
    """Whether a type becomes one that holds the same bytes: a longer varchar, or text."""
    wanted = " ".join(new.lower().split()).partition(" using ")[0]
    wanted = wanted.replace("varchar", "character varying")
    was = old.lower().replace("varchar", "character varying")
    if wanted == was:
        return True
    if was.startswith(("character varying", "text")) and wanted in {"text", "character varying"}:
        return True
    sizes = [
        re.match(r"(character varying|numeric)\((\d+)(?:, ?(\d+))?\)", it) for it in (was, wanted)
    ]
    if None in sizes:
        return False
    one, other = (match.groups(default="0") for match in sizes if match)
    return one[0] == other[0] and int(one[1]) <= int(other[1]) and one[2] == other[2]
