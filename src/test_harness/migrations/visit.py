"""One revision on its way up, down and up again, and what is looked at after each step."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from alembic.runtime.migration import MigrationStep
from alembic.script import Script
from sqlalchemy import Connection

from test_harness.migrations.course import Course, Passage
from test_harness.migrations.loss import losses
from test_harness.migrations.reach import reached
from test_harness.migrations.rows import Content
from test_harness.migrations.snapshot import Snapshot, Table, differences

Steps = Generator[MigrationStep, None, None]

ACCEPT = "mend it, or add the revision to accepted_downgrades in harness.toml"
UNDO = "have the downgrade undo all that the upgrade does"


@dataclass
class Visit:
    """One revision on its way up, down and up again.

    `end` is the schema after it, None when the next revision cannot be gone to from there; `texts`
    are the statements that it sent, and `touched` the tables that these may have changed.
    """

    walk: Course
    index: int
    connection: Connection
    before: Snapshot
    end: Snapshot | None = None
    texts: list[str] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    _refusal: str = ""

    def steps(self) -> Steps:
        """Yield the steps, and look at the database after each."""
        walk, script = self.walk, self.walk.history.revisions[self.index]
        name, expectation = script.revision, walk.expectations.get(script.revision)
        # Alembic remembers the enum types it made, so as not to make them twice in one run.
        memo = walk.context.impl.memo
        remembered = {key: set(value) for key, value in memo.items() if isinstance(value, set)}
        if expectation:
            with walk.recorder.own_work(self.connection):
                walk.rows.content |= expectation.prepare(self.connection)
        after = yield from self._go("upgrade", self.before)
        walk.passages.append(Passage(script, self.before, after, self._sent))
        for thing, values in after.get("", Table()).things.items():
            if thing.startswith("enum "):
                walk.begun.setdefault(thing, values)
        if problem := walk.failed_with_rows.pop(name, None):
            walk.find(
                "rows", name, f"{problem}\n  It succeeds on tables without rows.",
                "make it hold for rows that are there, or write the rows it is made for into "
                "migration_data.py",
            )  # fmt: skip
        if expectation:
            with walk.recorder.own_work(self.connection):
                walk.findings += expectation.findings(self.connection, script)
        if name not in walk.accepted_downgrades:
            back = yield from self._go("downgrade", after)
            lines = differences(back, self.before)
            if not (lines or self._refusal):
                self._compare_rows(script, "way up and down again", back, after)
                memo.clear()
                memo.update(remembered)
                self.end = yield from self._go("second upgrade", back)
                if lines := differences(self.end, after):
                    problem = f"the second upgrade of {name} does something else than the first:"
                    walk.find("downgrade", name, _listed(problem, lines), UNDO)
                return
            problem = f"the downgrade of {name} does not lead back to where its upgrade began:"
            problem = self._refusal or _listed(problem, lines)
            walk.find("downgrade", name, problem, ACCEPT)
            if self._sent or differences(back, after):
                return
            # It changed nothing, so that the way goes on as if it had not been asked.
            step = walk.step(self.index, "upgrade")
            step.migration_fn = lambda **_: None
            yield step
            walk.is_own_work = True
        self._compare_rows(script, "upgrade", after, after)
        self.end = after

    def _go(self, way: str, known: Snapshot) -> Generator[MigrationStep, None, Snapshot]:
        walk = self.walk
        step = walk.step(self.index, way)
        if way == "downgrade":
            step.migration_fn = self._tried(step.migration_fn)
        yield step
        walk.is_own_work = True
        self._sent = walk.recorder.of_revision(walk.version_table)
        texts = [statement.text for statement in self._sent]
        self.texts += texts
        touched = reached(known, texts)
        self.touched |= touched
        with walk.recorder.own_work(self.connection):
            return walk.read(
                self.connection, {name: it for name, it in known.items() if name not in touched}
            )

    def _tried(self, downgrade: Callable[..., Any]) -> Callable[..., None]:
        """Return a downgrade that may refuse, as long as it has sent no statement by then."""

        def tried(**given: Any) -> None:
            try:
                downgrade(**given)
            except (Exception, SystemExit) as error:
                if self.walk.recorder.sent:
                    raise
                name = self.walk.history.revisions[self.index].revision
                self._refusal = f"the downgrade of {name} fails: {said(error)}"

        return tried

    def _compare_rows(self, script: Script, way: str, now: Snapshot, via: Snapshot) -> None:
        rows = self.walk.rows
        with self.walk.recorder.own_work(self.connection):
            held: Content = {name: it for name, it in rows.content.items() if name in now}
            held |= rows.read(name for name in held if name in self.touched)
        for table, gone in losses((self.before, rows.content), (now, held), via, self.texts):
            self.walk.find(
                "rows", f"{script.revision} {table}",
                f"the {way} of {script.revision} loses data of {table}: {gone}",
                "copy the values before what holds them goes, or change the type in a way that "
                "keeps them",
            )  # fmt: skip


def said(error: BaseException) -> str:
    """Return the first line of what an error says."""
    text = getattr(error, "problem", "") or str(getattr(error, "orig", None) or error)
    return f"{type(error).__name__}: {text.strip().partition(chr(10))[0]}".removesuffix(": ")


def _listed(problem: str, lines: dict[str, str]) -> str:
    return "\n".join([problem, *(f"  {line}" for line in lines.values())])
