"""Has the engine, in this process, work for a project of a test."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import _lru_cache_wrapper
from pathlib import Path

from test_harness import project
from test_harness.version import __version__


def harness_toml(
    *, project: str = "p", framework: str = "none", metadata: str = "sqlalchemy:MetaData()"
) -> str:
    """Return the `harness.toml` of a project on SQLite; more tables may follow.

    Args:
        project: What it is called.
        framework: That of its application.
        metadata: Where its tables are.
    """
    return f"""
[harness]
version = "{__version__}"
[application]
project = "{project}"
framework = "{framework}"
import_path = ""
mode = "sync"
health_path = ""
base_url = "http://localhost"
[database]
engine = "sqlite"
driver = "pysqlite"
metadata = "{metadata}"
migrations = ""
"""


@contextmanager
def project_in(suite: Path) -> Iterator[None]:
    """Within the block the engine reads its settings from a folder of tests.

    Args:
        suite: The folder with `harness.toml`.
    """
    project.use(suite)
    forget_what_was_read()
    try:
        yield
    finally:
        project.forget()
        forget_what_was_read()


def forget_what_was_read() -> None:
    """Empty what the engine remembers: a process of its users works for one project."""
    for name, module in tuple(sys.modules.items()):
        if name.startswith("test_harness."):
            for kept in tuple(vars(module).values()):
                if isinstance(kept, _lru_cache_wrapper):
                    kept.cache_clear()
