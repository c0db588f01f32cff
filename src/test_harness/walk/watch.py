"""What a request asks the databases, and what the harness has to say of how it does."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from test_harness.errors import IsolationWarning
from test_harness.lock.callers import asked_at
from test_harness.walk.logs import noted_in
from test_harness.walk.visit import Logged, Statement


class Watch:
    """Notes what is sent to a database while it is on."""

    def __init__(self) -> None:
        self._statements: list[Statement] = []
        self._warnings: list[str] = []
        self._logs: list[Logged] = []
        self._is_on = False

    @property
    def statements(self) -> tuple[Statement, ...]:
        """What was sent since it was switched on last."""
        return tuple(self._statements)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was warned of since then, once each."""
        return tuple(dict.fromkeys(self._warnings))

    @property
    def logs(self) -> tuple[Logged, ...]:
        """What the application has logged and printed since then."""
        return tuple(self._logs)

    @contextmanager
    def on(self) -> Iterator[None]:
        """Forget what was noted, and note what happens within the block."""
        self._statements, self._warnings, self._logs, self._is_on = [], [], [], True
        try:
            with noted_in(self._logs):
                yield
        finally:
            self._is_on = False

    @contextmanager
    def warned(self) -> Iterator[None]:
        """Within the block keep what the harness warns of, and pass all else on."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", IsolationWarning)
            yield
        for one in caught:
            if issubclass(one.category, IsolationWarning):
                self._warnings.append(str(one.message))
            else:
                warnings.warn_explicit(
                    one.message, one.category, one.filename, one.lineno, source=one.source
                )

    def note(self, conn: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        """Take down a statement that is about to be sent, as the listener of an engine."""
        if self._is_on:
            self._statements.append(Statement(statement, parameters, asked_at()))


@contextmanager
def watched() -> Iterator[Watch]:
    """Within the block a watch can be switched on for every engine of the process."""
    watch = Watch()
    event.listen(Engine, "before_cursor_execute", watch.note)
    try:
        yield watch
    finally:
        event.remove(Engine, "before_cursor_execute", watch.note)
