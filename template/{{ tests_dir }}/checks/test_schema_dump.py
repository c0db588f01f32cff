# mypy: ignore-errors
"""Whether the models declare the schema that the real database has, as a dump of it tells.

What differs today can be accepted as it is: `TEST_HARNESS_MIGRATION_BASELINE=write pytest
tests/checks/test_schema_dump.py` writes it down in migration_baseline.txt, which from then
on may only shrink.
"""

from __future__ import annotations

import pytest
from test_harness.errors import HarnessError
from test_harness.migrations import dump, findings
from test_harness.migrations.findings import Finding
from test_harness.runtime.process import outside_of_event_loop, runtime

pytestmark = [pytest.mark.migration, pytest.mark.integration]


@pytest.fixture(scope="module")
def differences() -> list[Finding]:
    found: list[Finding] = []
    try:
        outside_of_event_loop(lambda: found.extend(dump.examine(runtime())))
    except HarnessError as error:
        pytest.fail(str(error), pytrace=False)
    if findings.is_to_be_recorded():
        findings.record(found)
    return found


def test_the_models_match_the_dump(differences: list[Finding]) -> None:
    accepted = findings.accepted()
    new = [str(finding) for finding in differences if finding.name not in accepted]
    if new:
        pytest.fail("\n\n".join(new), pytrace=False)


def test_the_baseline_only_shrinks(differences: list[Finding]) -> None:
    names = {finding.name for finding in differences}
    settled = [line for line in findings.accepted() if line not in names]
    if settled:
        lines = "\n  ".join(settled)
        pytest.fail(
            f"migration_baseline.txt accepts what is not found any more:\n  {lines}\n"
            "  Fix: delete these lines",
            pytrace=False,
        )
