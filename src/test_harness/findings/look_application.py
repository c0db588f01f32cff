"""Looks at the application: whether it is one."""

from __future__ import annotations

from test_harness.findings.table import Finding
from test_harness.runtime.process import runtime
from test_harness.settings import settings


def test_application(finding: Finding) -> None:
    path, framework = settings().application.import_path, settings().application.framework
    kinds = [kind.__name__ for kind in type(runtime().application()).__mro__]
    finding.saw(f"{path} is a {kinds[0]}.")
    if framework not in map(str.lower, kinds):
        finding.warn(
            f"That is no application of {framework}, but may be wrapped around one.",
            "if it is something else, correct [application] import_path in harness.toml.",
        )
