"""One walk through the history: `env.py` runs once, and every revision goes up, down and up again.

The steps are yielded from the function that Alembic's own commands hand to EnvironmentContext
(https://alembic.sqlalchemy.org/en/latest/api/runtime.html), so that `env.py` need not know. When a
revision leaves the database in a state that cannot be gone on from, the walk begins anew on an
empty database and goes straight to the revision after it, so that this one is looked at as well.
"""

from __future__ import annotations

import warnings
from typing import Any

from alembic.runtime.migration import MigrationContext

from test_harness.errors import ProvisioningError
from test_harness.migrations.course import Course
from test_harness.migrations.rows import Rows
from test_harness.migrations.runner import Recorder, run_environment
from test_harness.migrations.snapshot import Table, make_catalog
from test_harness.migrations.visit import ACCEPT, UNDO, Steps, Visit, said
from test_harness.runtime.history import alembic_surroundings

OFFLINE = (
    "migrates no database: it writes a script, as for `alembic upgrade --sql`, or runs nothing.",
    "Have it connect and call context.run_migrations() unless context.is_offline_mode().",
)
TWICE = (
    "runs the migrations more than once, as for several databases or schemas: the walk follows "
    "one.",
    "Give each a section of alembic.ini and an env.py of its own, or leave migrations out of the "
    "answer to suites.",
)


class Walk(Course):
    """A walk through a history; what it came across stands in its fields afterwards."""

    def run(self) -> None:
        """Go through the whole history.

        Raises:
            ProvisioningError: `env.py` itself fails.
        """
        again: tuple[int, bool] | None = (0, True)
        with alembic_surroundings(self.history.config), warnings.catch_warnings():
            # Those of Alembic and of revisions are for whoever writes revisions.
            warnings.simplefilter("ignore")
            while again is not None:
                self._start, self._with_rows = again
                again = self._pass()

    def _pass(self) -> tuple[int, bool] | None:
        """Go on from a revision; return where to go on from next, None at the end."""
        self._again: tuple[int, bool] | None = None
        self.at = None
        self._ran = False
        self.is_own_work = False
        self.catalog = make_catalog(self.database.engine)
        self.recorder = Recorder(self.database)
        self.database.create()
        try:
            with self.seam.real_connections(self.database), self.recorder.listening():
                run_environment(
                    self.history, self.database, lambda _, context: self._steps(context)
                )
        except (Exception, SystemExit) as error:  # whatever a revision or env.py may raise
            if self.is_own_work:
                raise
            if self.at is None:
                fix = "Run `alembic current` and mend what it complains about."
                problem = f"fails before the first revision: {said(error)}"
                raise self._unfit(problem, getattr(error, "fix", fix)) from error
            self._note_failure(error, *self.at)
        finally:
            self.database.drop()
        if not self._ran:
            raise self._unfit(*OFFLINE)
        return self._again

    def _steps(self, context: MigrationContext) -> Steps:
        connection = context.connection
        self.is_own_work = True
        if context.as_sql or connection is None:
            raise self._unfit(*OFFLINE)
        if self.seam.database_of(connection) not in {self.database, None}:
            # Of another database that the same env.py migrates: it goes up, and is not looked at.
            self.at, self.is_own_work = None, False
            self.recorder.begin()
            heads: Any = context.get_current_heads()
            yield from self.history.script._upgrade_revs("heads", heads)
            return
        if self._ran:
            raise self._unfit(*TWICE)
        self._ran, self.context, self.options = True, context, context.opts
        table, schema = context.version_table, context.version_table_schema
        self.version_table = table.lower()
        # Alembic's own table takes no part: known as empty, it is not read.
        self.known = {table: Table(), f"{schema}.{table}": Table()}
        revisions = self.history.revisions
        for index in range(self._start):
            yield self.step(index, "upgrade")
        self.is_own_work = True
        with self.recorder.own_work(connection):
            self.rows, snapshot = Rows(connection), self.read(connection, {})
            if self._start and self._with_rows:
                self.rows.fill(snapshot, (), is_late=True)
        for index in range(self._start, len(revisions)):
            if self.rows.content and revisions[index].revision in self.expectations:
                # The rows that are expected are to be alone there.
                self._again = (index, False)
                return
            visit = Visit(self, index, connection, snapshot)
            yield from visit.steps()
            if visit.end is None:
                self._again = (index + 1, True)
                return
            with self.recorder.own_work(connection):
                self.rows.complete(snapshot, visit.end, visit.touched)
                self.rows.fill(visit.end, visit.touched)
            snapshot = visit.end
        self.head, self.unfilled = snapshot, self.rows.empty

    def _unfit(self, problem: str, fix: str) -> ProvisioningError:
        return ProvisioningError(f"{self.history.script.env_py_location} {problem}", fix)

    def _note_failure(self, error: BaseException, index: int, way: str) -> None:
        name = self.history.revisions[index].revision
        sent = self.recorder.sent
        statement = f"\n  Statement: {' '.join(sent[-1].text.split())}" if sent else ""
        what = f"{way.removeprefix('second ')} of {name} fails: {said(error)}{statement}"
        rest = len(self.history.revisions) - index - 1
        unseen = f"\n  Revisions after it, which were not looked at: {rest}" if rest else ""
        if way == "downgrade":
            self.find("downgrade", name, f"the {what}", ACCEPT)
            self._again = (index + 1, True)
        elif way == "second upgrade":
            self.find("downgrade", name, f"after up and down, the {what}", UNDO)
            self._again = (index + 1, True)
        elif index < self._start:
            # What stood in the way of its second upgrade, if that failed, was this as well.
            self.findings = [it for it in self.findings if it.name != f"downgrade {name}"]
            problem = f"in another database than it was in before, the {what}{unseen}"
            self.find(
                "upgrade", name, problem, "have it leave nothing outside, as a role or a file"
            )
        elif index > self._start or (index and self._with_rows):
            self.failed_with_rows[name] = f"the {what}"
            self._again = (index, False)
        else:
            fix = _fix(self.database.engine, said(error))
            self.find("upgrade", name, f"the {what}{unseen}", fix)


def _fix(engine: str, error: str) -> str:
    if engine == "sqlite" and ("ALTER" in error or "syntax error" in error):
        return "write it in batch mode, `with op.batch_alter_table(...)`, which SQLite needs"
    if "unsafe use of new value" in error:
        return "add the enum value in a revision of its own, within autocommit_block()"
    return "run `alembic upgrade head` on an empty database and mend the revision"
