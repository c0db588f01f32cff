"""Operations that work on an empty database and hurt on one in use: locks, rewrites, lost values.

They are looked for in the statements that a revision sent, so that it does not matter which way it
wrote them, and only where they hit a table that was there before. Reasons:
https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES,
https://mariadb.com/kb/en/innodb-online-ddl-overview/, https://www.sqlite.org/lang_altertable.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import MetaData

from harness.migrations.allowances import Revision
from harness.migrations.findings import Finding
from harness.migrations.runner import Statement
from harness.migrations.snapshot import Snapshot, Table
from harness.migrations.walk import Passage

_NO_COLUMN = r"(?:CONSTRAINT|CHECK|UNIQUE|INDEX|PRIMARY|FOREIGN)\b"
_NAME = r"[\w.\"`\[\]]+"
_ALTER = re.compile(rf"\s*ALTER\s+TABLE\s+(?:ONLY\s+|IF EXISTS\s+)*({_NAME})\s+(.*)", re.I | re.S)
_CREATE_INDEX = re.compile(
    r"\s*CREATE\s+(?:UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY)(?:IF NOT EXISTS\s+)?"
    rf"({_NAME})\s+ON\s+(?:ONLY\s+)?({_NAME})",
    re.I,
)
_ADD_COLUMN = re.compile(
    rf"ADD\s+(?:COLUMN\s+)?(?!{_NO_COLUMN})(?:IF NOT EXISTS\s+)?({_NAME})\s+(.*)",
    re.I | re.S,
)
_DROP_COLUMN = re.compile(
    rf"DROP\s+(?:COLUMN\s+)?(?!{_NO_COLUMN})(?:IF EXISTS\s+)?({_NAME})\s*$",
    re.I,
)
_TYPE = re.compile(rf"ALTER\s+(?:COLUMN\s+)?({_NAME})\s+(?:SET\s+DATA\s+)?TYPE\s+(.+)", re.I | re.S)
_NOT_NULL = re.compile(rf"ALTER\s+(?:COLUMN\s+)?({_NAME})\s+SET\s+NOT\s+NULL", re.I)
_CONSTRAINT = re.compile(
    r"ADD\s+(?:CONSTRAINT\s+\S+\s+)?(FOREIGN KEY|CHECK|UNIQUE|EXCLUDE)\b(.*)", re.I | re.S
)
_MODIFY = re.compile(rf"(?:MODIFY|CHANGE)\s+(?:COLUMN\s+)?({_NAME})\s+(.*)", re.I | re.S)
_CHANGES_ROWS = re.compile(
    rf"\s*(?:UPDATE|DELETE\s+FROM|INSERT\s+INTO|REPLACE\s+INTO)\s+({_NAME})", re.I
)
_IS_DDL = re.compile(r"\s*(?:CREATE|ALTER|DROP|RENAME)\b", re.I)
_SAME_FOR_ALL_ROWS = re.compile(
    r"(?:now|current_\w+|localtime\w*|transaction_timestamp)\b(?:\(\))?", re.I
)


@dataclass(frozen=True)
class Danger:
    """What is dangerous about an operation, and how the same is done without."""

    reason: str
    safe: str


DANGERS = {
    "PG101": Danger(
        "builds an index while nobody can write to the table",
        "postgresql_concurrently=True within op.get_context().autocommit_block(); for a "
        "unique constraint then ADD CONSTRAINT ... UNIQUE USING INDEX",
    ),
    "PG102": Danger(
        "reads the whole table while nobody can use it",
        "add CHECK (column IS NOT NULL) NOT VALID, validate it in the next revision, then "
        "SET NOT NULL, which trusts it",
    ),
    "PG103": Danger(
        "writes the whole table anew while nobody can use it",
        "add a new column, copy in batches, and switch over",
    ),
    "PG104": Danger(
        "computes the default for each row, which writes the whole table anew",
        "add the column without it, set the default, and fill old rows in batches",
    ),
    "PG105": Danger(
        "checks every row while nobody can write to the table",
        "add it NOT VALID, and VALIDATE CONSTRAINT in a revision of its own",
    ),
    "MY101": Danger(
        "changes rows beside DDL, which commits by itself: after a failure half is done",
        "give the rows a revision of their own",
    ),
    "MY102": Danger(
        "has the server invent '' or 0 for the rows that are there",
        "give a server_default, or add the column as nullable and fill it first",
    ),
    "MY103": Danger(
        "takes values out of an enum or moves them: rows that hold them lose them",
        "keep the old values where they are and add new ones at the end",
    ),
    "MY104": Danger(
        "copies the whole table while nobody can write to it",
        "add a new column, copy in batches, and switch over",
    ),
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
    found = []
    for passage in passages:
        tree = Revision(Path(passage.script.path))
        seen: set[tuple[str, int]] = set()
        for code, statement, what in _of_passage(passage, head, metadata, engine):
            if (code, statement.line) in seen or tree.allows(code, statement.line):
                continue
            seen.add((code, statement.line))
            danger = DANGERS[code]
            name = passage.script.revision
            found.append(
                Finding(
                    code,
                    f"{name} {what}",
                    f"{code} in {Path(passage.script.path).name}:{statement.line}: {what} "
                    f"{danger.reason}\n  Statement: {' '.join(statement.text.split())}",
                    f"{danger.safe}; or say why it is safe here: `# migration-ok {code}: reason`",
                )
            )
    return found


def _of_passage(
    passage: Passage, head: Snapshot, metadata: MetaData, engine: str
) -> Iterator[tuple[str, Statement, str]]:
    yield from _columns_gone(passage, head, metadata)
    find = {"postgresql": _on_postgresql, "mysql": _on_mysql}.get(engine)
    if find is not None:
        for statement in passage.statements:
            for code, what in find(passage, statement.text):
                yield code, statement, what


def _on_postgresql(passage: Passage, text: str) -> Iterator[tuple[str, str]]:
    if (
        (match := _CREATE_INDEX.match(text))
        and _known(passage, match[2])
        # With IF NOT EXISTS it may be there.
        and f"index {_name(match[1])}" not in passage.before[_name(match[2])].things
    ):
        yield "PG101", f"an index on {_name(match[2])}"
    alter = _ALTER.match(text)
    if alter is None or not _known(passage, alter[1]):
        return
    name, action = _name(alter[1]), alter[2]
    table = passage.before[name]
    if match := _CONSTRAINT.match(action):
        kind = match[1].upper()
        if kind in {"UNIQUE", "EXCLUDE"}:
            if "USING INDEX" not in action.upper():
                yield "PG101", f"a constraint on {name}"
        elif "NOT VALID" not in action.upper():
            yield "PG105", f"a constraint on {name}"
    elif match := _NOT_NULL.match(action):
        column = _name(match[1])
        checked = f"check (({column} is not null))"
        if not any(
            thing.startswith(checked) and "not valid" not in thing for thing in table.things
        ):
            yield "PG102", f"NOT NULL for {name}.{column}"
    elif match := _TYPE.match(action):
        column = _name(match[1])
        if column in table.columns and not _is_widened(table.columns[column].type, match[2]):
            yield "PG103", f"the new type of {name}.{column}"
    elif match := _ADD_COLUMN.match(action):
        default = re.search(r"\bDEFAULT\s+(.+)", match[2], re.I | re.S)
        volatile = default and re.search(r"\w+\(", _SAME_FOR_ALL_ROWS.sub("", default[1]))
        if volatile or re.search(r"\b(big|small)?serial\b|GENERATED", match[2], re.I):
            yield "PG104", f"the new column {name}.{_name(match[1])}"


def _on_mysql(passage: Passage, text: str) -> Iterator[tuple[str, str]]:
    match = _CHANGES_ROWS.match(text)
    has_ddl = any(_IS_DDL.match(other.text) for other in passage.statements)
    if match and has_ddl and _known(passage, match[1]):
        yield "MY101", f"the change of rows of {_name(match[1])}"
    alter = _ALTER.match(text)
    if alter is None or not _known(passage, alter[1]):
        return
    name, action = _name(alter[1]), alter[2]
    if match := _MODIFY.match(action):
        column = _name(match[1])
        old, new = (
            side.columns.get(column) if (side := state.get(name)) else None
            for state in (passage.before, passage.after)
        )
        if old is None or new is None or old.type == new.type:
            return
        if old.type.startswith("enum("):
            if not new.type.startswith(old.type.removesuffix(")")):
                yield "MY103", f"the new type of {name}.{column}"
        elif not _is_widened(old.type, new.type):
            yield "MY104", f"the new type of {name}.{column}"
    elif match := _ADD_COLUMN.match(action):
        definition = match[2].upper()
        if "NOT NULL" in definition and not re.search(
            r"\bDEFAULT\b|AUTO_INCREMENT|GENERATED| AS \(", definition
        ):
            yield "MY102", f"the new column {name}.{_name(match[1])}"


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
        if (match := _ALTER.match(it.text))
        and (drop := _DROP_COLUMN.match(match[2]))
        and _name(drop[1]) == column
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


def _is_widened(old: str, new: str) -> bool:
    """Whether a type becomes one that holds the same bytes: a longer varchar, or text."""
    wanted = " ".join(new.lower().split()).replace("varchar", "character varying")
    was = old.lower().replace("varchar", "character varying")
    if " using " in f" {wanted} ":
        wanted = wanted.partition(" using ")[0]
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


def _known(passage: Passage, written: str) -> bool:
    return _name(written) in passage.before


def _name(written: str) -> str:
    return re.sub(r'["`\[\]]', "", written)
