"""A pytest plugin that writes down in a table how each finding turned out, and how to mend it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from test_harness.errors import HarnessError, first_line
from test_harness.findings.looking import Looking
from test_harness.findings.watch import watch
from test_harness.limits.clock import NotEnded
from test_harness.lock.callers import raised_at
from test_harness.project import suite_dir
from test_harness.settings import settings

# Before anything of the application can be imported.
watch.begin()


@dataclass
class Finding:
    """What was looked at, and what was seen; tests get theirs from the fixture of this name."""

    name: str
    result: str = "-"
    lines: list[str] = field(default_factory=list)

    def saw(self, text: str) -> None:
        """Say what was found to be as it should."""
        self.lines.append(text)

    def warn(self, problem: str, fix: str) -> None:
        """Say what is no obstacle, and what to do about it."""
        self.result = "warning"
        self._add(problem, fix)

    def fail(self, error: str) -> None:
        """Say what is wrong, as errors of the harness do."""
        self.result = "ERROR"
        problem, _, fix = error.partition("\n  Fix: ")
        self._add(problem, fix)

    def _add(self, problem: str, fix: str) -> None:
        self.lines += problem.splitlines()
        if fix:
            self.lines += f"  Fix: {fix}".splitlines()

    def shown(self, width: int) -> str:
        """Return its part of the table, names padded to `width`."""
        indent = "\n" + " " * (width + 13)
        lines = self.lines or ["not looked at, because of what is wrong above"]
        return f"  {self.result:<9}{self.name:<{width + 2}}" + indent.join(lines)


class Table(Looking):
    """What was found, by the test that looked."""

    def __init__(self) -> None:
        super().__init__(Path(__file__).parent, lambda: [f"look_{name}" for name in subjects()])
        self.findings: dict[str, Finding] = {}
        self.current = Finding("")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            name = item.name.removeprefix("test_").replace("_", " ")
            self.findings[item.nodeid] = Finding(name)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        self.current = self.findings[item.nodeid]

    # Around the harness's own, which ends the run for some errors.
    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
        error = call.excinfo.value if call.excinfo else None
        if isinstance(error, (HarnessError, NotEnded)):
            self.current.fail(str(error))
        elif error is not None:
            place = raised_at(error)
            self.current.fail(
                f"{type(error).__name__}: {first_line(error)}{place and f' ({place})'}"
            )
        elif call.when == "call" and self.current.result == "-":
            self.current.result = "OK"
        return (yield)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        message = getattr(excinfo.value, "msg", "")
        if message and self.current.result != "ERROR":
            self.current.fail(message)

    def pytest_unconfigure(self, config: pytest.Config) -> None:
        found = self.findings.values()
        width = max((len(finding.name) for finding in found), default=0)
        if found:
            text = "\n".join(finding.shown(width) for finding in found)
            config.option.findings.write_text(f"{text}\n", encoding="utf-8")


def subjects() -> list[str]:
    """Return what there is to look at, in the order in which one depends on the other."""
    application, mode = settings().application, settings().application.mode
    has_framework = application.framework != "none"
    known = {
        "application": has_framework,
        "database": True,
        "migrations": (suite_dir() / "checks" / "test_migrations.py").exists(),
        f"sessions_{'sync' if mode == 'sync' else 'async'}": True,
        "start": has_framework,
        f"login_{'sync' if mode == 'sync' else 'async'}": settings().auth.style != "none",
    }
    return [subject for subject, is_there in known.items() if is_there]


table = Table()


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    parser.addoption("--findings", type=Path, help="the file that the table is written to")
    pluginmanager.register(table)


@pytest.fixture
def finding() -> Finding:
    """What the test writes down."""
    return table.current
