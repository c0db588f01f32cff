"""Looks at whether the migrations lead to what the models say."""

from __future__ import annotations

from test_harness.errors import ProvisioningError
from test_harness.findings.table import Finding
from test_harness.migrations.kit import examine
from test_harness.runtime.process import runtime

SHOWN = 5


def test_migrations(finding: Finding) -> None:
    report = examine(runtime())
    if report.obstacle:
        problem, _, fix = report.obstacle.partition("\n  Fix: ")
        raise ProvisioningError(problem, fix)
    # Without its head nothing is compared, whoever accepted why it is not reached.
    behind = [it for it in report.found if it.check == "upgrade"] or report.of("models")
    if behind:
        lines = [f"  {found.problem}" for found in behind[:SHOWN]]
        more = [f"  and {len(behind) - SHOWN} more"] if behind[SHOWN:] else []
        problem = "\n".join(["They do not lead to what the models say:", *lines, *more])
        finding.warn(problem, behind[0].fix)
        return
    accepted = sum(1 for name in report.accepted if name.startswith("models "))
    but = f", but for {accepted} differences that the baseline accepts" if accepted else ""
    finding.saw(f"They lead to what the models say{but}.")
