"""Drives steps in an asynchronous application: sends what they send, and undoes what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from contextlib import ExitStack
from typing import Any, TypeVar

import httpx2
from sqlalchemy import Table
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.util import IdentitySet

from test_harness.auth.credential_async import credential_of
from test_harness.errors import HarnessError, first_line
from test_harness.isolation.marks import Mark
from test_harness.runtime.process import runtime
from test_harness.settings import settings
from test_harness.walk.hands_async import called, in_session, outcome_of
from test_harness.walk.outcome import Outcome
from test_harness.walk.rows import Rows, Stored, changes
from test_harness.walk.sending import arguments_of, visit_of
from test_harness.walk.steps import Aside, LoggingIn, Sending, Step, Steps
from test_harness.walk.touched import tables
from test_harness.walk.traces import none_left
from test_harness.walk.visit import Change, Visit
from test_harness.walk.watch import Watch, watched

T = TypeVar("T")
MakeClient = Callable[..., httpx2.AsyncClient]


async def drive(steps: Steps[T], make_client: MakeClient, db: AsyncSession) -> T:
    """Take steps one by one, and return what they return.

    Args:
        steps: What is done.
        make_client: Makes clients on the application.
        db: The session of the test.
    """
    with watched() as watch:
        return await _Driver(make_client, db, watch).drive(steps)


class _Driver:
    """Takes the steps of one test.

    Args:
        make_client: Makes clients on the application.
        db: The session of the test.
        watch: Notes what requests ask the databases.
    """

    def __init__(self, make_client: MakeClient, db: AsyncSession, watch: Watch) -> None:
        self._make_client, self._db, self._watch = make_client, db, watch
        # As they are, as long as nobody has written since they were read.
        self._rows = Rows(db.sync_session)

    async def drive(self, steps: Steps[T]) -> T:
        """Take steps, and return what they return."""
        came: Any = None
        failed: Exception | None = None
        while True:
            try:
                step = steps.send(came) if failed is None else steps.throw(failed)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            came = failed = None
            try:
                came = await self._take(step)
            except Exception as error:  # noqa: BLE001 - for the steps, which may know what to do
                failed = error

    async def _take(self, step: Step) -> Any:
        if isinstance(step, Sending):
            return await self._send(step)
        if isinstance(step, Aside):
            return await self._aside(step)
        self._rows.forget()
        if isinstance(step, LoggingIn):
            return await credential_of(step.user, self._make_client)
        return await in_session(step)

    async def _aside(self, step: Aside) -> Any:
        """Take steps, and undo what was written meanwhile."""
        mark = await self._mark()
        before = IdentitySet(self._db)
        try:
            with none_left():
                return await self.drive(step.steps)
        finally:
            await called(mark.go_back)
            self._rows.forget()
            await self._forget_since(before)

    async def _send(self, sending: Sending) -> Visit:
        """Send a request, see which rows it changed, and undo that unless it is to stay."""
        mark = await self._mark()
        if not sending.undone:
            await called(self._rows.kept, tables())
        found: tuple[Change, ...] = ()
        lost = ""
        with ExitStack() as stack:
            stack.enter_context(self._watch.warned())
            if sending.undone:
                stack.enter_context(none_left())
            began = time.perf_counter()
            with self._watch.on():
                outcome = await self._answer(sending)
            seconds = time.perf_counter() - began
            try:
                found = await self._changes(mark, undone=sending.undone)
            except (HarnessError, SQLAlchemyError) as error:
                lost = first_line(error)
                self._rows.forget()
                await self._db.invalidate()
        return visit_of(sending, outcome, seconds, self._watch, changes=found, lost=lost)

    async def _answer(self, sending: Sending) -> Outcome:
        client = self._make_client(sending.credential)
        arguments = arguments_of(sending.request)
        seconds = settings().limits.request
        return await outcome_of(str(sending.request), seconds, lambda: client.request(**arguments))

    async def _changes(self, mark: Mark, *, undone: bool) -> tuple[Change, ...]:
        """Return what became of the rows since a mark, and go back there if that is to be undone.

        Raises:
            HarnessError: What was written before the mark is gone as well.
        """
        wanted: Collection[Table] = ()
        after: dict[Table, Stored] = {}
        try:
            if mark.wrote:
                await called(mark.abandon)
                wanted = await called(self._may_have_changed, mark)
                after = await called(self._rows.read, wanted)
        except (HarnessError, SQLAlchemyError):
            # There is no transaction any more, or no connection: to go back tells which.
            await called(mark.go_back)
            raise
        await called(mark.go_back if undone else mark.leave)
        if not wanted:
            return ()
        before = await called(self._rows.kept, wanted)
        if not undone:
            self._rows.forget()
        return changes(before, after)

    def _may_have_changed(self, mark: Mark) -> Collection[Table]:
        return self._rows.may_have_changed(self._watch.statements, unseen=mark.is_unseen)

    async def _mark(self) -> Mark:
        """Remember where the rows stand, with all that the session of the test has written."""
        if self._db.in_transaction():
            await self._db.commit()
        return await called(runtime().seam.rows.mark)

    async def _forget_since(self, before: IdentitySet) -> None:
        """Have the session of the test know no more of what was undone."""
        if self._db.in_transaction():
            await self._db.rollback()
        for made in IdentitySet(self._db) - before:
            self._db.expunge(made)
