"""Imports the application, and its models where there is nothing else of it."""

from __future__ import annotations

from test_harness.runtime.process import runtime
from test_harness.runtime.schema import load_metadata
from test_harness.settings import settings


def test_import() -> None:
    runtime().application()
    if not settings().application.import_path and settings().database.metadata:
        with runtime().seam.real_connections():
            load_metadata(settings().database)
