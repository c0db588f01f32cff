"""What only the test database knows of tables of models: views, partitions, and its own CHECKs."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Table

from test_harness.errors import HarnessError
from test_harness.runtime.process import runtime
from test_harness.runtime.relations import bounds, checks, views
from test_harness.runtime.schema import load_metadata


@dataclass
class Facts:
    """What was seen. `bounds` is None as long as nobody has looked.

    `checks` are those that migrations have made, names and SQL by the table.
    """

    views: set[str] = field(default_factory=set)
    checks: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    bounds: dict[str, str] | None = None


_seen = Facts()


def look() -> None:
    """Look at the test database, which is made for it, before any test runs.

    Where it cannot be made nothing is known: whatever needs it afterwards says why.
    """
    harness = runtime()
    try:
        harness.ensure_database()
        metadata = load_metadata(harness.settings.database)
        _seen.views = views(harness, metadata)
        if harness.settings.database.migrations:
            _seen.checks = checks(harness, metadata)
    except HarnessError:
        return
    _seen.bounds = bounds(harness.database)


def is_view(table: Table) -> bool:
    """Tell whether a table is a view, by what it says of itself or by what was seen."""
    # SQLAlchemy 2.1 lets models declare views.
    declared = type(getattr(table, "_creator_ddl", None)).__name__ == "CreateView"
    return declared or bool(table.info.get("is_view")) or table.fullname in _seen.views


def checks_of(table: Table) -> list[tuple[str, str]]:
    """Return the CHECK constraints that a table has in the database: the name and the SQL of each.

    Nothing where its models make the schema, which say all there is.
    """
    return _seen.checks.get(table.fullname, [])


def condition_of(table: Table) -> str:
    """Return what the partitions of a table ask of its rows, empty where nothing is known."""
    declared = any(
        table.dialect_options[name].get("partition_by")
        for name in ("postgresql", "mysql", "mariadb")
        if name in table.dialect_options
    )
    if declared and _seen.bounds is None and runtime().has_database:
        _seen.bounds = bounds(runtime().database)
    return (_seen.bounds or {}).get(table.fullname, "")
