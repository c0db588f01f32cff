"""Where the participants of a race meet: what may go wrong then goes wrong for certain.

Whoever is about to write waits until all others are about to write as well. By then all have read,
and none of them has seen what another one writes: the order in which an update is lost, a check
before an INSERT is worth nothing, and two transactions each hold what the other needs. A server may
run them in that order on any day, so whatever fails in it is wrong.

Who keeps others from coming, by a lock that is there for that purpose or because a pool has no more
connections, is right to do so: where nothing moves any more, all go on and meet no more.

Source of the technique: the permutations of PostgreSQL's isolation tester,
https://github.com/postgres/postgres/tree/master/src/test/isolation, and Martin Kleppmann's
Hermitage, https://github.com/ept/hermitage.
"""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import StaticPool, event
from sqlalchemy.engine import Connection, Engine, ExceptionContext
from sqlalchemy.pool import Pool
from sqlalchemy.util import await_only

from test_harness.errors import HarnessError, first_line
from test_harness.isolation.statements import kind_of
from test_harness.lock.callers import caller

Point = Literal["write", "read"]

PATIENCE_SECONDS = 0.4
LONGEST_SECONDS = 5.0
# What of the time a process works that is busy, on a machine that is busy with others as well.
BUSY = 0.05
LOOK_SECONDS = 0.1
# What opens a connection, where a step is no statement.
CONNECT = "connect"
LOCKING = re.compile(r"\bFOR\s+(?:NO\s+KEY\s+)?(?:KEY\s+)?(?:UPDATE|SHARE)|\bLOCK\b", re.IGNORECASE)
SHOWN = 80
SHOWN_STEPS = 500

# Of PostgreSQL: deadlock_detected, lock_not_available, serialization_failure.
SQLSTATES = {
    "40P01": "a deadlock",
    "55P03": "a wait for a lock in vain",
    "40001": "a transaction that could not be put in an order with the others",
}
# ER_LOCK_DEADLOCK and ER_LOCK_WAIT_TIMEOUT of MySQL.
NUMBERS = {1213: "a deadlock", 1205: "a wait for a lock in vain"}


@dataclass(frozen=True)
class Step:
    """A statement that a participant sent: what it does, how it begins, and from which line."""

    kind: str
    statement: str
    line: str

    @property
    def may_wait(self) -> bool:
        """Whether a lock of another participant may keep it; what takes none is merely slow."""
        return self.kind not in {"read", CONNECT} or bool(LOCKING.search(self.statement))

    def __str__(self) -> str:
        return f"{self.line} (`{self.statement[:SHOWN]}`)"


@dataclass(eq=False)
class Participant:
    """One of those that do something at the same time.

    Args:
        number: Which one, from 0.
    """

    number: int
    arrivals: int = 0
    has_ended: bool = False
    sending: Step | None = None
    steps: list[Step] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    """What the server said of others being in the way, also where the application caught it."""


_running: ContextVar[Participant | None] = ContextVar("participant", default=None)


class RaceError(HarnessError):
    """What was to happen at the same time cannot, or does not end."""


class Meeting:
    """Has participants wait for each other at the statements that they send.

    Args:
        count: How many there are.
        point: Whether they meet before each write, or once after their first read.
        patience: For how many seconds nothing may move until all go on.
    """

    def __init__(
        self, count: int, point: Point = "write", patience: float = PATIENCE_SECONDS
    ) -> None:
        self.participants = [Participant(number) for number in range(count)]
        self.absent: dict[int, Step | None] = {}
        """Who did not come, and the statement that did not come to its end, if any."""
        self.refusal: RaceError | None = None
        self._point, self._patience = point, patience
        self._lock = threading.Lock()
        self._is_over = False
        self._waiting: list[Callable[[], Any]] = []
        self._moved()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Within the block participants meet at what they send."""
        listeners: list[tuple[type, str, Callable[..., Any]]] = [
            (Engine, "do_connect", self._connects),
            (Pool, "connect", self._connected),
            (Engine, "before_cursor_execute", self._before),
            (Engine, "after_cursor_execute", self._after),
            (Engine, "handle_error", self._failed),
        ]
        for target, name, listener in listeners:
            # Before the one that opens the connection, after which no other is asked.
            event.listen(target, name, listener, insert=True)
        try:
            yield
        finally:
            self.give_up()
            for target, name, listener in listeners:
                event.remove(target, name, listener)

    @contextmanager
    def taking_part(self, participant: Participant) -> Iterator[None]:
        """Within the block, what this thread or task sends is sent by a participant."""
        token = _running.set(participant)
        self._moved()
        try:
            yield
        finally:
            _running.reset(token)
            participant.has_ended = True
            self._moved()
            self._wake()

    def give_up(self) -> None:
        """Have all go on, and nobody wait any more."""
        self._is_over = True
        self._wake()

    def _connects(self, *_: object) -> None:
        one = _running.get()
        if one is not None:
            one.sending = Step(CONNECT, "a new connection", caller())
            self._moved()

    def _connected(self, *_: object) -> None:
        one = _running.get()
        if one is not None:
            one.sending = None
            self._moved()

    def _before(self, connection: Connection, cursor: object, statement: str, *_: object) -> None:
        one = _running.get()
        if one is None:
            return
        if isinstance(connection.engine.pool, StaticPool) and len(self.participants) > 1:
            self.refusal = RaceError(
                f"{caller()} works on an engine that has one connection for all (StaticPool), "
                "on which nothing happens at the same time.",
                "Have the application make its engine without `poolclass=StaticPool`, and with the "
                "address of a file in place of `:memory:`, in tests.",
            )
            raise self.refusal
        step = Step(kind_of(statement), " ".join(statement.split()), caller())
        if len(one.steps) < SHOWN_STEPS:
            one.steps.append(step)
        if self._point == "write" and step.kind == "write":
            self._meet(one, is_async=connection.dialect.is_async)
        one.sending = step
        self._moved()

    def _after(self, connection: Connection, *_: object) -> None:
        one = _running.get()
        if one is None or one.sending is None:
            return
        kind, one.sending = one.sending.kind, None
        self._moved()
        if self._point == "read" and kind == "read" and not one.arrivals:
            self._meet(one, is_async=connection.dialect.is_async)

    def _failed(self, context: ExceptionContext) -> None:
        one = _running.get()
        if one is None:
            return
        trouble = trouble_of(context.original_exception)
        if trouble:
            at = f" at {one.sending}" if one.sending else ""
            one.troubles.append(f"{trouble}{at}: {first_line(context.original_exception)}")
        one.sending = None
        self._moved()

    def _meet(self, one: Participant, *, is_async: bool) -> None:
        one.arrivals += 1
        self._moved()
        self._wake()
        while not self._may_go_on(one.arrivals):
            self._wait(is_async=is_async)

    def _may_go_on(self, arrivals: int) -> bool:
        missing = [it for it in self.participants if not it.has_ended and it.arrivals < arrivals]
        if self._is_over or not missing:
            return True
        now, used = time.monotonic(), time.process_time()
        with self._lock:
            quiet, worked = now - self._moved_at, used - self._used
        # Somebody may be busy with something else than the database, such as a password.
        is_slow = any(it.sending and not it.sending.may_wait for it in missing)
        is_busy = is_slow or worked > quiet * BUSY
        if quiet < (LONGEST_SECONDS if is_busy else self._patience):
            return False
        self.absent = {it.number: it.sending for it in missing}
        self.give_up()
        return True

    def _wait(self, *, is_async: bool) -> None:
        if not is_async:
            there = threading.Event()
            self._waiting.append(there.set)
            there.wait(LOOK_SECONDS)
            return
        loop, now = asyncio.get_running_loop(), asyncio.Event()
        self._waiting.append(lambda: loop.call_soon_threadsafe(now.set))
        with suppress(asyncio.TimeoutError):
            await_only(asyncio.wait_for(now.wait(), LOOK_SECONDS))

    def _moved(self) -> None:
        with self._lock:
            self._moved_at, self._used = time.monotonic(), time.process_time()

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, []
        for wake in waiting:
            with suppress(RuntimeError):  # Of an event loop that has ended.
                wake()


def trouble_of(error: BaseException | None) -> str:
    """Return in what way others were in the way of a statement, empty if that is not the error."""
    number = error.args[0] if error is not None and error.args else None
    if isinstance(number, int) and number in NUMBERS:
        return NUMBERS[number]
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    if state in SQLSTATES:
        return SQLSTATES[state]
    return "a wait for a lock in vain" if "is locked" in str(error) else ""
