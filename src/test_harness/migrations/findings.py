"""What the checks of the migrations find, and the baseline of what a project has accepted."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from test_harness.endings import write_text
from test_harness.project import suite_dir

RECORD = "TEST_HARNESS_MIGRATION_BASELINE"

_TO_BE_RECORDED = "# To be recorded:"
_HEADER = """\
# Findings about migrations that are accepted as they are. Lines may be deleted, never added by
# hand: the checks fail for a line whose finding is gone, and for a finding without a line.
"""


def baseline() -> Path:
    """Return the file of the findings that are accepted."""
    return suite_dir() / "migration_baseline.txt"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a history of migrations.

    `check` is what the finding is reported under, a word or the code of a danger; `where` is a
    revision or a part of the schema; both together name the finding in the baseline.
    """

    check: str
    where: str
    problem: str
    fix: str

    def __str__(self) -> str:
        return f"{self.problem}\n  Fix: {self.fix}\n  Accepted in the baseline as: {self.name}"

    @property
    def name(self) -> str:
        """What the baseline calls it."""
        return f"{self.check} {self.where}"


def accepted() -> list[str]:
    """Return the findings that the baseline accepts."""
    if not baseline().exists():
        return []
    lines = baseline().read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def is_to_be_recorded() -> bool:
    """Return whether this run writes the baseline instead of judging by it.

    It does when it is told to, and where the harness has just come to an existing history; in CI
    nobody would keep what it wrote.
    """
    if os.environ.get(RECORD) == "write":
        return True
    is_new = baseline().exists() and _TO_BE_RECORDED in baseline().read_text(encoding="utf-8")
    return is_new and not os.environ.get("CI")


def record(findings: Iterable[Finding]) -> list[str]:
    """Write the baseline, and return what it accepts from now on."""
    names = sorted({finding.name for finding in findings})
    write_text(baseline(), "\n".join([_HEADER, *names, ""]))
    if names:
        warnings.warn(
            f"{len(names)} findings about migrations are now accepted in {baseline()}: read them.",
            stacklevel=2,
        )
    return names
