"""How many seconds things may take: the section [limits] of harness.toml."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LimitSettings:
    """How many seconds something may take before it is ended; 0 is for as long as it likes.

    `start` is for the import of the application, its start-up and its shutdown, `test` for a test,
    its fixtures and what they leave to do, `prepare` for the schema, for factories that are written
    and for tests of migrations, `request` for each request of the walk over the routes, and `end`
    for the process after the last test. Of what `test-harness check` starts, `run` is for a run of
    pytest, and `install` for an installer. Each is counted by itself.
    """

    start: int = 60
    test: int = 60
    prepare: int = 300
    request: int = 5
    end: int = 20
    run: int = 1200
    install: int = 1800
