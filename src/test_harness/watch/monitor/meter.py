"""Measures one test after the other: what it takes itself, without what it only comes first for."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from test_harness.watch.monitor.budget import Budget, Cost
from test_harness.watch.monitor.counting import Counter, Counts
from test_harness.watch.monitor.memory import Allocated, Resident


@dataclass(frozen=True)
class Measured:
    """What a test cost, and what that was for.

    Args:
        cost: All of it.
        set_up: The seconds of it that were the set-up's.
        counts: What it sent.
    """

    cost: Cost
    set_up: float
    counts: Counts


@dataclass
class Meter:
    """Measures the test that runs: its set-up and its call.

    What fixtures for several tests take is not counted, nor what those of the harness do.
    """

    counts: Counts = field(default_factory=Counts)
    resident: Resident = field(default_factory=Resident)

    def __post_init__(self) -> None:
        self.counter = Counter(self.counts)
        self._memory: Resident | Allocated = self.resident
        self._began = self._seconds = self._set_up = 0.0
        self._paused = 0

    def begin(self, budget: Budget) -> None:
        """Begin with a test."""
        self.counts.empty()
        self.counts.allowed = float("inf") if budget.statements is None else budget.statements
        self.counter.look_at_clients()
        self._memory = Allocated() if budget.exact else self.resident
        self._seconds = self._set_up = 0.0
        self._paused = 0
        self._memory.begin()
        self._go_on()

    def pause(self) -> None:
        """Count nothing until `go_on`, as often as this was called."""
        self._paused += 1
        if self._paused == 1:
            self._stop()
            self._memory.pause()

    def go_on(self) -> None:
        """Count again."""
        self._paused -= 1
        if self._paused == 0:
            self._memory.go_on()
            self._go_on()

    def is_set_up(self) -> None:
        """Say that the call begins."""
        self._set_up = self._seconds + time.perf_counter() - self._began

    def end(self) -> Measured:
        """End with the test and return what it cost."""
        self._stop()
        cost = Cost(
            self._seconds,
            self._memory.end(),
            self.counts.sent,
            self.counts.requests,
        )
        return Measured(cost, self._set_up, self.counts)

    def _stop(self) -> None:
        self._seconds += time.perf_counter() - self._began
        self.counter.is_on = False

    def _go_on(self) -> None:
        self.counter.is_on = True
        self._began = time.perf_counter()
