"""Failures at their lines, as GitHub shows them beside a change.

Not by pytest-github-actions-annotate-failures: it takes the line where an assertion stands, which
is in the engine for all checks of the harness, where no repository has a line to show.
Source of the format:
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from test_harness.lock.callers import is_of_a_library
from test_harness.project import project_dir

# GitHub shows ten of a step.
MOST = 10
LONGEST = 2000


def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get("GITHUB_ACTIONS") == "true" and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Annotations(config), "test_harness_annotations")


class Annotations:
    """What failed in a run.

    Args:
        config: Of the run.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._folders = [config.rootpath, project_dir(), config.invocation_params.dir]
        self._repository = Path(os.environ.get("GITHUB_WORKSPACE") or config.rootpath)
        self._lines: list[str] = []

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._note(report, report.nodeid, 1)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        file, line, _ = report.location
        self._note(report, file, (line or 0) + 1)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        for line in self._lines[:MOST]:
            terminalreporter.write_line(line)

    def _note(self, report: pytest.CollectReport | pytest.TestReport, file: str, line: int) -> None:
        if not report.failed:
            return
        crash = getattr(report.longrepr, "reprcrash", None)
        said = crash.message if crash is not None else report.longreprtext
        places = [(file, line), *_walked(report.longrepr)]
        found = [(path, at) for name, at in places if (path := self._in_repository(name))]
        # The innermost line of the project: of the test, or of what it asked the application for.
        where = f"file={_escaped(found[-1][0], ':,')},line={found[-1][1]}," if found else ""
        title = _escaped(report.nodeid, ":,")
        self._lines.append(f"::error {where}title={title}::{_escaped(said[:LONGEST])}")

    def _in_repository(self, name: str) -> str:
        """Return the name of a file in the repository; empty for one of a library."""
        paths = (Path(os.path.normpath(folder / name)) for folder in self._folders)
        path = next((it for it in paths if it.is_file()), None)
        if path is None or is_of_a_library(str(path)):
            return ""
        if not path.is_relative_to(self._repository):
            return ""
        return path.relative_to(self._repository).as_posix()


def _walked(longrepr: Any) -> Iterator[tuple[str, int]]:
    """Yield file and line of each frame that is shown, the innermost last."""
    for entry in getattr(getattr(longrepr, "reprtraceback", None), "reprentries", ()):
        place = getattr(entry, "reprfileloc", None)
        if place is not None:
            yield place.path, place.lineno


def _escaped(text: str, more: str = "") -> str:
    for sign in ("%", "\r", "\n", *more):
        text = text.replace(sign, f"%{ord(sign):02X}")
    return text
