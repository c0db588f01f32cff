"""Where a walk through a history stands, and what it came across so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import Script
from sqlalchemy import Connection

from test_harness.databases.database import Database
from test_harness.isolation.seam import Seam
from test_harness.migrations.expectations import Expectation
from test_harness.migrations.findings import Finding
from test_harness.migrations.history import History
from test_harness.migrations.rows import Rows
from test_harness.migrations.runner import Recorder, Statement
from test_harness.migrations.snapshot import Catalog, Snapshot


@dataclass(frozen=True)
class Passage:
    """What a revision did when it went up for the first time."""

    script: Script
    before: Snapshot
    after: Snapshot
    statements: list[Statement]


class Step(RevisionStep):
    """One revision up or down, without Alembic's look at its whole past for each way down."""

    def _unmerge_to_revisions(self, heads: set[str]) -> tuple[str, ...]:
        if len(self.to_revisions) == 1 and heads == {self.revision.revision}:
            return tuple(self.to_revisions)
        return super()._unmerge_to_revisions(heads)


@dataclass
class Course:
    """Where a walk through a history stands, and what it came across.

    Args:
        history: The revisions.
        database: A database that nothing else uses; the walk creates and drops it.
        seam: Leads `env.py` to that database.
        accepted_downgrades: Revisions whose downgrade is known not to lead back.
        expectations: What data migrations are to do, by revision.
    """

    history: History
    database: Database
    seam: Seam
    accepted_downgrades: list[str]
    expectations: dict[str, Expectation]

    findings: list[Finding] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    head: Snapshot | None = None
    """The schema at the newest revision; None when a revision before it does not go up."""
    unfilled: dict[str, str] = field(default_factory=dict)
    """Tables at the newest revision that no row could be made for, and why."""
    options: dict[str, Any] = field(default_factory=dict)
    """What `env.py` configured: the models it compares with, its `include_object` and the like."""
    begun: dict[str, str] = field(default_factory=dict)
    """The values that enum types had when they were made."""
    failed_with_rows: dict[str, str] = field(default_factory=dict)
    """Revisions that are tried again without rows, and why."""
    context: MigrationContext = field(init=False)
    recorder: Recorder = field(init=False)
    rows: Rows = field(init=False)
    catalog: Catalog = field(init=False)
    version_table: str = field(init=False)
    known: Snapshot = field(init=False)
    """Alembic's own tables, which take no part."""
    at: tuple[int, str] | None = None
    """The revision that is on its way, and which way."""
    is_own_work: bool = False

    def step(self, index: int, way: str) -> RevisionStep:
        """Return the step of a revision, which begins when it is yielded."""
        script = self.history.revisions[index]
        self.at, self.is_own_work = (index, way), False
        self.recorder.begin(script.path if way == "upgrade" else "")
        return Step(self.history.script.revision_map, script, is_upgrade=way != "downgrade")

    def read(self, connection: Connection, reuse: Snapshot) -> Snapshot:
        """Return the schema as it is; what has not changed is taken from `reuse`."""
        snapshot = self.catalog.read(connection, reuse | self.known)
        return {name: table for name, table in snapshot.items() if name not in self.known}

    def find(self, check: str, where: str, problem: str, fix: str) -> None:
        """Note a finding."""
        self.findings.append(Finding(check, where, problem, fix))
