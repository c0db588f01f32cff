"""What Alembic's configuration of logging does to that of the process, undone."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator


@contextlib.contextmanager
def logging_kept() -> Iterator[None]:
    """Undo what Alembic's `fileConfig` does: it disables loggers and replaces handlers."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    silent = {logger for logger in _loggers() if logger.disabled}
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        # Those included that an import of `env.py` made.
        for logger in _loggers():
            logger.disabled = logger in silent


def _loggers() -> list[logging.Logger]:
    known = logging.getLogger().manager.loggerDict.values()
    return [logger for logger in known if isinstance(logger, logging.Logger)]
