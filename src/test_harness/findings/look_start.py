"""Looks at what the application does when it starts."""

from __future__ import annotations

import pytest

from test_harness.errors import ApplicationError, first_line
from test_harness.findings.table import Finding
from test_harness.findings.watch import DATABASE, watch


def test_start_up(request: pytest.FixtureRequest, finding: Finding) -> None:
    watch.take()
    try:
        request.getfixturevalue("started_app")
    except Exception as error:
        reached = [deed for deed in watch.take() if deed.service]
        if not reached:
            raise
        said = getattr(error, "problem", f"{type(error).__name__}: {first_line(error)}")
        raise ApplicationError(f"{said}\n{reached[-1]}.", reached[-1].fix) from error
    for deed in watch.take():
        if deed.what != DATABASE:
            finding.warn(f"{deed}.", deed.fix)
    if not finding.lines:
        finding.saw("Nothing is written or reached for but the test database.")
