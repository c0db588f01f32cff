"""What tests may cost, send and are to cover: three sections of harness.toml."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BudgetSettings:
    """What a test may cost before the summary names it; 0 is for as much as it likes.

    `seconds`, `megabytes`, `statements` of SQL and `requests` are of one test and what is set up
    for it alone; `unit_run` and `whole_run` are the seconds of all tests marked `unit` and of a
    run. `over` says what becomes of a test that costs more: `warn`, `fail`, or `off`, by which
    nothing is measured.
    """

    seconds: int = 5
    megabytes: int = 100
    statements: int = 50
    requests: int = 10
    unit_run: int = 300
    whole_run: int = 900
    over: str = "warn"


@dataclass(frozen=True)
class FuzzSettings:
    """How many `requests` checks marked `fuzz` send to each route; a night may have more."""

    requests: int = 20


@dataclass(frozen=True)
class TargetSettings:
    """How much of the code tests are to reach, in per cent; 0 is no target.

    `critical_paths` are files, as patterns with blanks between them, of which `critical` is asked.
    `layers` are folders with what is asked of the lines in each, with blanks between them:
    `app/services=85`. `changed` is asked of lines that have changed since a branch.
    """

    line: int = 80
    branch: int = 70
    critical: int = 95
    critical_paths: str = ""
    layers: str = ""
    changed: int = 90
