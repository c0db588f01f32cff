"""What tests reach of the lines that have changed, as diff-cover tells it."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from test_harness.errors import HarnessError
from test_harness.suite.coverage.gates import Gate
from test_harness.suite.coverage.report import Covered

LIMIT = 300.0  # seconds
NAME = "changed lines"


class ChangedError(HarnessError):
    """What has changed cannot be told."""


def changed_lines(report: Path, since: str, meant: int) -> Gate:
    """Return what was reached of the lines that are new or changed since a branch.

    Args:
        report: `coverage.xml`.
        since: The branch, tag or commit.
        meant: How much of them is to be reached, in per cent.

    Raises:
        ChangedError: diff-cover is not there, or does not know the branch.
    """
    if importlib.util.find_spec("diff_cover") is None:
        raise ChangedError(
            "diff-cover, which compares changed lines with what tests reach, is not installed.",
            "Run `pip install 'test-harness[coverage]'`.",
        )
    with tempfile.TemporaryDirectory() as scratch:
        written = Path(scratch) / "changed.json"
        done = subprocess.run(
            [
                sys.executable, "-m", "diff_cover.diff_cover_tool", str(report),
                f"--compare-branch={since}", f"--format=json:{written}", "--quiet",
            ],
            check=False, capture_output=True, encoding="utf-8", timeout=LIMIT,
        )  # fmt: skip
        if done.returncode:
            why = done.stderr.rpartition("Error:")[2].strip().splitlines() or ["it said nothing"]
            raise ChangedError(
                f"diff-cover could not compare with {since}: {why[0].rstrip('.')}.",
                "Name a branch, a tag or a commit of this repository, fetched with its history.",
            )
        found = json.loads(written.read_text(encoding="utf-8"))
    files = [
        Covered(path, reached=len(of["covered_lines"]), missed=list(of["violation_lines"]))
        for path, of in found["src_stats"].items()
        if of.get("covered_lines") is not None
    ]
    reached = float(found["total_percent_covered"]) if found["total_num_lines"] else None
    return Gate(NAME, meant, reached, files)
