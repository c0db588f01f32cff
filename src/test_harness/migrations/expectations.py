"""What data migrations are to do: `migration_data.py`, which belongs to the project."""

from __future__ import annotations

import runpy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alembic.script import Script
from sqlalchemy import Connection, MetaData, select
from sqlalchemy import Table as ReflectedTable

from test_harness.errors import SettingsError
from test_harness.migrations.findings import Finding
from test_harness.migrations.rows import Content, Rows
from test_harness.project import suite_dir

PARTS = {"before", "after"}


@dataclass(frozen=True)
class Expectation:
    """Rows that are there before a revision, and rows that have to be there after it.

    Both are given by table; a row after it may leave out what does not matter.
    """

    before: Mapping[str, list[dict[str, Any]]]
    after: Mapping[str, list[dict[str, Any]]]

    def prepare(self, connection: Connection) -> Content:
        """Put the rows of `before` into the database and return what their tables hold."""
        for name, rows in self.before.items():
            connection.execute(_reflected(connection, name).insert(), rows)
        return Rows(connection).read(self.before)

    def findings(self, connection: Connection, script: Script) -> list[Finding]:
        """Return the rows of `after` that are not there."""
        found = []
        for name, wanted in self.after.items():
            there = list(connection.execute(select(_reflected(connection, name))).mappings())
            for row in wanted:
                if not any(all(it.get(key) == row[key] for key in row) for it in there):
                    held = "\n".join(f"    {dict(it)}" for it in there) or "    nothing"
                    problem = f"after {script.revision} no row of {name} is\n    {row}\n"
                    problem += f"  it holds\n{held}"
                    fix = "mend the revision, or correct what migration_data.py expects of it"
                    found.append(Finding("data", f"{script.revision} {name}", problem, fix))
        return found


def load(revisions: list[Script]) -> dict[str, Expectation]:
    """Return what the project expects, by revision.

    Raises:
        SettingsError: The file names a revision or a part that is not known.
    """
    path = suite_dir() / "migration_data.py"
    if not path.exists():
        return {}
    given: dict[str, dict[str, Any]] = runpy.run_path(str(path))["REVISIONS"]
    for revision, parts in given.items():
        if revision not in {script.revision for script in revisions}:
            raise SettingsError(
                f"migration_data.py names the revision {revision!r}, which is not in the history.",
                "Correct or delete it; `alembic history` lists the revisions.",
            )
        if unknown := parts.keys() - PARTS:
            raise SettingsError(
                f"migration_data.py has {min(unknown)!r} for {revision}.",
                "Write the rows under 'before' and 'after'.",
            )
    return {
        key: Expectation(it.get("before", {}), it.get("after", {})) for key, it in given.items()
    }


def _reflected(connection: Connection, name: str) -> ReflectedTable:
    schema, _, table = name.rpartition(".")
    return ReflectedTable(table, MetaData(), schema=schema or None, autoload_with=connection)
