"""Of which kind tests are that have no marker: those of a team's own, by what they ask for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from test_harness.suite.audit.auditing import roots_of
from test_harness.suite.audit.kinds import kind_of
from test_harness.suite.reading.cases import cases_of
from test_harness.suite.reading.configuration import configuration
from test_harness.suite.reading.helpers import Project


def kinds_by_reading(items: Iterable[pytest.Item], root: Path) -> dict[str, str]:
    """Return the kind of each test that can be read, by its name for pytest.

    Args:
        items: The tests.
        root: The folder that configuration of pytest is looked up from.
    """
    settings = configuration(root)
    project = Project(roots_of(settings))
    of_files: dict[Path, dict[str, str]] = {}
    found = {}
    for item in items:
        if item.path not in of_files:
            module = project.read(item.path)
            cases = [] if module is None else cases_of(module, settings)
            of_files[item.path] = {case.name: kind_of(case, project) for case in cases}
        name = item.nodeid.partition("::")[2].partition("[")[0]
        if kind := of_files[item.path].get(name):
            found[item.nodeid] = kind
    return found
