"""What an application logs and prints while a request is on its way."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any

from test_harness.lock.callers import asked_at, is_of_the_application, shown_place
from test_harness.walk.visit import Logged


class _Handler(logging.Handler):
    def __init__(self, logs: list[Logged]) -> None:
        super().__init__(logging.INFO)
        self._logs = logs

    def emit(self, record: logging.LogRecord) -> None:
        # What a library says of itself is for its users to silence.
        if is_of_the_application(record.pathname):
            where = shown_place(record.pathname, record.lineno)
            self._logs.append(Logged(record.getMessage(), where))


class _Printed:
    """A stream that notes what the application writes to it, and passes all of it on."""

    def __init__(self, stream: Any, logs: list[Logged]) -> None:
        self._stream, self._logs = stream, logs

    def write(self, text: str) -> Any:
        if text.strip() and (where := asked_at()):
            self._logs.append(Logged(text, where))
        return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def noted_in(logs: list[Logged]) -> Iterator[None]:
    """Within the block add to a list what the application logs, from INFO on, and prints.

    Args:
        logs: The list.
    """
    root, handler = logging.getLogger(), _Handler(logs)
    # Tests run at the level of warnings, unless they say otherwise; an application does not.
    own = {*_own_loggers()}
    # Those below them follow; each that is set has all that there are forget what they know.
    lowered = [it for it in own if it.level == logging.NOTSET and it.parent not in own]
    root.addHandler(handler)
    for logger in lowered:
        logger.setLevel(logging.INFO)
    out: Any = _Printed(sys.stdout, logs)
    errors: Any = _Printed(sys.stderr, logs)
    try:
        with redirect_stdout(out), redirect_stderr(errors):
            yield
    finally:
        for logger in lowered:
            logger.setLevel(logging.NOTSET)
        root.removeHandler(handler)


def _own_loggers() -> list[logging.Logger]:
    known = logging.getLogger().manager.loggerDict.items()
    return [it for name, it in known if isinstance(it, logging.Logger) and _is_own(name)]


def _is_own(name: str) -> bool:
    """Tell whether a logger is called after nothing that is installed."""
    module = sys.modules.get(name.partition(".")[0])
    file = getattr(module, "__file__", None)
    return module is None or (file is not None and is_of_the_application(file))
