"""One walk through the history: `env.py` runs once, and every revision goes up, down and up again.

The steps are yielded from the function that Alembic's own commands hand to EnvironmentContext
(https://alembic.sqlalchemy.org/en/latest/api/runtime.html), so that `env.py` need not know. When a
revision leaves the database in a state that cannot be gone on from, the walk begins anew on an
empty database and goes straight to the revision after it.
"""

from __future__ import annotations

import warnings
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

from alembic.runtime.migration import MigrationContext, MigrationStep
from alembic.script import Script
from sqlalchemy import Connection

from harness.databases import Database
from harness.errors import HarnessError, ProvisioningError
from harness.migrations.expectations import Expectation
from harness.migrations.findings import Finding
from harness.migrations.history import History
from harness.migrations.loss import losses
from harness.migrations.reach import reached
from harness.migrations.rows import Content, Rows
from harness.migrations.runner import Recorder, Statement, run_environment
from harness.migrations.snapshot import Snapshot, Table, differences, make_catalog
from harness.schema import alembic_surroundings
from harness.seam import Seam

Steps = Generator[MigrationStep, None, None]

ACCEPT = "mend it, or add the revision to accepted_downgrades in harness.toml"
UNDO = "have the downgrade undo all that the upgrade does"


@dataclass(frozen=True)
class Passage:
    """What a revision did when it went up for the first time."""

    script: Script
    before: Snapshot
    after: Snapshot
    statements: list[Statement]


@dataclass
class Walk:
    """A walk through a history, and what it came across.

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

    def run(self) -> None:
        """Go through the whole history.

        Raises:
            ProvisioningError: `env.py` itself fails.
        """
        self._failed_with_rows: dict[str, str] = {}
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
        self._at: tuple[int, str] | None = None
        self._ran = False
        self._is_own_work = False
        self._catalog = make_catalog(self.database.engine)
        self._recorder = Recorder(self.database)
        self.database.create()
        try:
            with self.seam.real_connections(self.database), self._recorder.listening():
                run_environment(
                    self.history, self.database, lambda _, context: self._steps(context)
                )
        except (Exception, SystemExit) as error:  # whatever a revision or env.py may raise
            if self._is_own_work:
                raise
            if self._at is None:
                raise ProvisioningError(
                    f"{self.history.script.env_py_location} fails before the first revision: "
                    f"{_said(error)}",
                    getattr(
                        error, "fix", "Run `alembic current` and mend what it complains about."
                    ),
                ) from error
            self._note_failure(error, *self._at)
        finally:
            self.database.drop()
        return self._again

    def _steps(self, context: MigrationContext) -> Steps:
        connection = context.connection
        assert connection is not None, "the walk is never offline"
        if self._ran:
            self._is_own_work = True
            raise ProvisioningError(
                f"{self.history.script.env_py_location} runs the migrations more than once, as for "
                "several databases or schemas: the walk follows one.",
                "Give each a section of alembic.ini and an env.py of its own, or leave migrations "
                "out of the answer to suites.",
            )
        self._ran, self._context, self.options = True, context, context.opts
        table, schema = context.version_table, context.version_table_schema
        self._version_table = table.lower()
        # Alembic's own table takes no part: known as empty, it is not read.
        self._known = {table: Table(), f"{schema}.{table}": Table()}
        revisions = self.history.revisions
        for index in range(self._start):
            yield self._step(index, "upgrade")
        self._is_own_work = True
        with self._recorder.own_work(connection):
            self._rows, snapshot = Rows(connection), self._read(connection, {})
            if self._start and self._with_rows:
                self._rows.fill(snapshot, ())
        for index in range(self._start, len(revisions)):
            if self._rows.content and revisions[index].revision in self.expectations:
                # The rows that are expected are to be alone there.
                self._again = (index, False)
                return
            visit = Visit(self, index, connection, snapshot)
            yield from visit.steps()
            if visit.end is None:
                self._again = (index + 1, True)
                return
            with self._recorder.own_work(connection):
                self._rows.complete(snapshot, visit.end, visit.touched)
                self._rows.fill(visit.end, visit.touched)
            snapshot = visit.end
        self.head, self.unfilled = snapshot, self._rows.empty

    def _note_failure(self, error: BaseException, index: int, way: str) -> None:
        name = self.history.revisions[index].revision
        sent = self._recorder.sent
        statement = f"\n  Statement: {' '.join(sent[-1].text.split())}" if sent else ""
        what = f"{way.removeprefix('second ')} of {name} fails: {_said(error)}{statement}"
        if way == "downgrade":
            self.find("downgrade", name, f"the {what}", ACCEPT)
            self._again = (index + 1, True)
        elif way == "second upgrade":
            self.find("downgrade", name, f"after up and down, the {what}", UNDO)
            self._again = (index + 1, True)
        elif index > self._start or (index and self._with_rows):
            self._failed_with_rows[name] = f"the {what}"
            self._again = (index, False)
        else:
            self.find("upgrade", name, f"the {what}", _fix(self.database.engine, str(error)))

    def _step(self, index: int, way: str) -> MigrationStep:
        script = self.history.revisions[index]
        self._at, self._is_own_work = (index, way), False
        self._recorder.begin(script.path if way == "upgrade" else "")
        revisions = self.history.script.revision_map
        if way == "downgrade":
            return MigrationStep.downgrade_from_script(revisions, script)
        return MigrationStep.upgrade_from_script(revisions, script)

    def _read(self, connection: Connection, reuse: Snapshot) -> Snapshot:
        snapshot = self._catalog.read(connection, reuse | self._known)
        return {name: table for name, table in snapshot.items() if name not in self._known}

    def find(self, check: str, where: str, problem: str, fix: str) -> None:
        """Note a finding."""
        self.findings.append(Finding(check, where, problem, fix))


@dataclass
class Visit:
    """One revision on its way up, down and up again.

    `end` is the schema after it, None when the next revision cannot be gone to from there; `texts`
    are the statements that it sent, and `touched` the tables that these may have changed.
    """

    walk: Walk
    index: int
    connection: Connection
    before: Snapshot
    end: Snapshot | None = None
    texts: list[str] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)

    def steps(self) -> Steps:
        """Yield the steps, and look at the database after each."""
        walk, script = self.walk, self.walk.history.revisions[self.index]
        name, expectation = script.revision, walk.expectations.get(script.revision)
        rows = walk._rows
        # Alembic remembers the enum types it made, so as not to make them twice in one run.
        memo = walk._context.impl.memo
        remembered = {key: set(value) for key, value in memo.items() if isinstance(value, set)}
        if expectation:
            with walk._recorder.own_work(self.connection):
                rows.content |= expectation.prepare(self.connection)
        after = yield from self._go("upgrade", self.before)
        walk.passages.append(Passage(script, self.before, after, self._sent))
        if problem := walk._failed_with_rows.pop(name, None):
            walk.find(
                "rows", name, f"{problem}\n  It succeeds on tables without rows.",
                "make it hold for rows that are there, or write the rows it is made for into "
                "migration_data.py",
            )  # fmt: skip
        if expectation:
            with walk._recorder.own_work(self.connection):
                walk.findings += expectation.findings(self.connection, script)
        if name in walk.accepted_downgrades:
            self._compare_rows(script, "upgrade", after, after)
            self.end = after
            return
        back = yield from self._go("downgrade", after)
        if lines := differences(back, self.before):
            problem = f"the downgrade of {name} does not lead back to where its upgrade began:"
            walk.find("downgrade", name, _listed(problem, lines), ACCEPT)
            return
        self._compare_rows(script, "way up and down again", back, after)
        memo.clear()
        memo.update(remembered)
        self.end = yield from self._go("second upgrade", back)
        if lines := differences(self.end, after):
            problem = f"the second upgrade of {name} does something else than the first:"
            walk.find("downgrade", name, _listed(problem, lines), UNDO)

    def _go(self, way: str, known: Snapshot) -> Generator[MigrationStep, None, Snapshot]:
        walk = self.walk
        yield walk._step(self.index, way)
        walk._is_own_work = True
        self._sent = walk._recorder.of_revision(walk._version_table)
        texts = [statement.text for statement in self._sent]
        self.texts += texts
        touched = reached(known, texts)
        self.touched |= touched
        with walk._recorder.own_work(self.connection):
            return walk._read(
                self.connection, {name: it for name, it in known.items() if name not in touched}
            )

    def _compare_rows(self, script: Script, way: str, now: Snapshot, via: Snapshot) -> None:
        rows = self.walk._rows
        with self.walk._recorder.own_work(self.connection):
            held: Content = {name: it for name, it in rows.content.items() if name in now}
            held |= rows.read(name for name in held if name in self.touched)
        for table, gone in losses((self.before, rows.content), (now, held), via, self.texts):
            self.walk.find(
                "rows", f"{script.revision} {table}",
                f"the {way} of {script.revision} loses data of {table}: {gone}",
                "copy the values before what holds them goes, or change the type in a way that "
                "keeps them",
            )  # fmt: skip


def _listed(problem: str, lines: dict[str, str]) -> str:
    return "\n".join([problem, *(f"  {line}" for line in lines.values())])


def _said(error: BaseException) -> str:
    lines = str(getattr(error, "orig", None) or error).strip().splitlines()
    problem = error.problem if isinstance(error, HarnessError) else lines[0] if lines else ""
    return f"{type(error).__name__}: {problem}"


def _fix(engine: str, error: str) -> str:
    if engine == "sqlite" and ("ALTER" in error or "syntax error" in error):
        return "write it in batch mode, `with op.batch_alter_table(...)`, which SQLite needs"
    if "unsafe use of new value" in error:
        return "add the enum value in a revision of its own, within autocommit_block()"
    return "run `alembic upgrade head` on an empty database and mend the revision"
