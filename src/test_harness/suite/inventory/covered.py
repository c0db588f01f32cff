"""How much of the code the last measured run reached, beside what is meant."""

from __future__ import annotations

from datetime import datetime, timezone
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from test_harness.settings.budgets import TargetSettings
from test_harness.suite.coverage.report import FILE, Covered, read, share, share_of_branches

__all__ = ["FILE", "targets_of"]
LINE, BRANCH, CRITICAL = "line", "branch", "critical"


def targets_of(path: Path, targets: TargetSettings) -> list[dict[str, Any]]:
    """Return each target with what was reached; None where nothing was measured.

    Args:
        path: The report.
        targets: What is meant, in per cent.
    """
    report = read(path)
    reached: dict[str, float | None] = dict.fromkeys((LINE, BRANCH, CRITICAL))
    measured = ""
    if report is not None:
        patterns = targets.critical_paths.split()
        critical = [it for it in report if any(fnmatch(it.path, one) for one in patterns)]
        reached = {
            LINE: share(report),
            BRANCH: share_of_branches(report),
            CRITICAL: share(critical),
        }
        moment = datetime.fromtimestamp(path.stat().st_mtime, timezone.utc)
        measured = moment.isoformat(timespec="seconds")
    return [
        {
            "what": what,
            "meant": meant,
            "reached": reached[what],
            "met": None if (found := reached[what]) is None else found >= meant,
            "measured": measured,
            "why": "" if reached[what] is not None else _why_not(what, report, targets),
        }
        for what in (LINE, BRANCH, CRITICAL)
        if (meant := getattr(targets, what))
    ]


def _why_not(what: str, report: list[Covered] | None, targets: TargetSettings) -> str:
    """Return why something is not known, and what to do about it."""
    if what == CRITICAL and not targets.critical_paths:
        return "name the files in [targets] critical_paths of harness.toml"
    if report is None:
        return "run `make test-cov`"
    if what == BRANCH:
        return "have coverage.ini measure branches"
    return "the run measured no file of [targets] critical_paths"
