"""Brings the parts together: walks through the history once and collects what was found."""

from __future__ import annotations

import contextlib
import gc
from dataclasses import dataclass, field

from sqlalchemy import MetaData

from test_harness.application.loading import in_project_folder
from test_harness.databases.database import make_database
from test_harness.errors import ApplicationError, HarnessError
from test_harness.migrations import comparison, danger, expectations, files, findings, history
from test_harness.migrations.findings import Finding
from test_harness.migrations.walk import Walk
from test_harness.runtime.history import alembic_config
from test_harness.runtime.process import Runtime, outside_of_event_loop
from test_harness.runtime.schema import load_metadata


@dataclass
class Report:
    """What was found.

    Args:
        obstacle: Why there is no walk: the history cannot be read, or `env.py` fails.
        reaches_head: Whether every revision goes up.
        unfilled: Tables that no row could be made for, so that none could be lost, and why.
        found: Everything, what the baseline accepts included.
        accepted: The names of the findings that the baseline accepts.
    """

    obstacle: str = ""
    reaches_head: bool = False
    unfilled: dict[str, str] = field(default_factory=dict)
    found: list[Finding] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)

    def of(self, *checks: str) -> list[Finding]:
        """Return the findings of these checks that nobody has accepted."""
        new = (one for one in self.found if one.name not in self.accepted)
        return [one for one in new if one.check in checks]

    @property
    def settled(self) -> list[str]:
        """What the baseline accepts and is not there any more."""
        names = {finding.name for finding in self.found}
        return [name for name in self.accepted if name not in names]


def examine(harness: Runtime) -> Report:
    """Walk through the history of the project and return what was found."""
    report = Report(accepted=findings.accepted())
    try:
        # env.py may start an event loop of its own, which it cannot within a running one.
        outside_of_event_loop(lambda: _examine_in_project(harness, report))
    except HarnessError as error:
        report.obstacle = str(error)
    if findings.is_to_be_recorded() and report.found and not report.obstacle:
        report.accepted = findings.record(report.found)
    return report


def _examine_in_project(harness: Runtime, report: Report) -> None:
    # Alembic reads relative paths of its configuration from the current folder.
    with in_project_folder():
        _examine(harness, report)


def _examine(harness: Runtime, report: Report) -> None:
    settings = harness.settings.database
    past = history.load(alembic_config(settings.migrations))
    report.found += history.wrong_heads(past)
    walk = Walk(
        past,
        make_database(settings, harness.name, "migrations"),
        harness.seam,
        settings.accepted_downgrades.split(),
        expectations.load(past.revisions),
    )
    # What is there by now stays; to look through it again and again takes a tenth of the time.
    gc.freeze()
    try:
        walk.run()
    finally:
        gc.unfreeze()
    # Models may be registered by an import that nothing but the application makes.
    with contextlib.suppress(ApplicationError):
        harness.application()
    metadata = walk.options.get("target_metadata")
    if not isinstance(metadata, MetaData):
        metadata = load_metadata(settings)
    report.found += files.examine(past, metadata) + walk.findings
    if walk.head is None:
        return
    report.reaches_head, report.unfilled = True, walk.unfilled
    models = make_database(settings, harness.name, "models")
    target = comparison.Target(walk.head, walk.options, walk.begun)
    report.found += comparison.compare(target, metadata, models, harness.seam)
    report.found += danger.dangers(walk.passages, walk.head, metadata, walk.database.engine)
