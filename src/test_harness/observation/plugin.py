"""A pytest plugin that looks at the running application, and writes down what was read wrongly."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from test_harness.errors import HarnessError
from test_harness.findings.looking import Looking
from test_harness.lock.callers import fault_of_the_harness
from test_harness.observation.notebook import Notebook
from test_harness.observation.routes import Walker, walker, walkers
from test_harness.project import OBSERVED_FILE, suite_dir
from test_harness.settings import settings

# For the walk over the routes; what is not found by then `test-harness routes` takes its time for.
SECONDS = 60

notebooks: list[Notebook] = []


class Observer(Looking):
    """Writes factories first, where it is asked to: whatever is started is started once."""

    def __init__(self) -> None:
        super().__init__(Path(__file__).parent, subjects)

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self, session: pytest.Session) -> Generator[None, Any, Any]:
        config = session.config
        notebooks.append(Notebook(suite_dir() / OBSERVED_FILE, config.option.observe))
        if config.option.walk is not None:
            walkers.append(Walker(config.option.walk, seconds=SECONDS))
        if config.option.write_factories:
            from test_harness.factories.writer import write_factories

            # What the harness's own hook would end the run after.
            config.option.write_factories = False
            lines: list[str] = []
            try:
                write_factories(lines.append)
            except HarnessError as error:
                pytest.exit(str(error), returncode=pytest.ExitCode.INTERNAL_ERROR)
            config.option.written.write_text("\n".join(lines), encoding="utf-8")
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
        # What the application does wrong the checks say; what the harness does nobody else would.
        fault = fault_of_the_harness(call.excinfo.value) if call.excinfo else ""
        if fault:
            notebooks[-1].broke(fault)
        return (yield)


def subjects() -> list[str]:
    """Return the modules that look, in the order in which one depends on the other."""
    application = settings().application
    if application.framework == "none":
        return []
    mode = "sync" if application.mode == "sync" else "async"
    known = ["engine", "health"]
    if settings().auth.style != "none":
        known += ["login", "refusals", "sessions", "signup", "accounts"]
        known += ["invitations"] if settings().flows.invite_path else []
    if settings().flows.socket_path and application.framework != "flask":
        known.append("sockets")
    if walkers:
        known.append("routes")
    return [f"look_{subject}_{mode}" for subject in known]


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    parser.addoption("--observe", type=Path, help="the file that is told what was seen")
    parser.addoption("--walk", type=Path, help="the file that is told of each route")
    parser.addoption("--written", type=Path, help="the file that is told which factories were")
    pluginmanager.register(Observer())


__all__ = ["walker"]


@pytest.fixture
def notebook() -> Notebook:
    """Where what is seen is noted."""
    return notebooks[-1]
