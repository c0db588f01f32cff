"""Has the engine, in this process, work for a project of a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from test_harness import project
from test_harness.settings import settings


@contextmanager
def project_in(suite: Path) -> Iterator[None]:
    """Within the block the engine reads its settings from a folder of tests.

    Args:
        suite: The folder with `harness.toml`.
    """
    project.use(suite)
    settings.cache_clear()
    try:
        yield
    finally:
        project.forget()
        settings.cache_clear()
