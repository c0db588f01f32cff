"""What Alembic's configuration of logging does to that of the process, undone."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator


@contextlib.contextmanager
def logging_kept() -> Iterator[None]:
    """Undo what Alembic's `fileConfig` does: it disables loggers and replaces handlers."""
    before = [(logger, logger.handlers[:], logger.level) for logger in _loggers()]
    silent = {logger for logger in _loggers() if logger.disabled}
    try:
        yield
    finally:
        for logger, handlers, level in before:
            logger.handlers[:] = handlers
            logger.setLevel(level)
        # Those included that an import of `env.py` made.
        for logger in _loggers():
            logger.disabled = logger in silent


def _loggers() -> list[logging.Logger]:
    root = logging.getLogger()
    known = [root, *root.manager.loggerDict.values()]
    return [logger for logger in known if isinstance(logger, logging.Logger)]
