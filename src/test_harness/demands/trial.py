"""A pytest plugin: imports and starts the application once, and writes down how that failed.

It is loaded before the harness, so that it hears of everything the application reads, and under
the lock, so that nothing leaves this machine.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from test_harness.demands.reads import Reads, is_of_the_project, shown
from test_harness.findings.looking import Looking
from test_harness.findings.watch import watch

_reads = Reads()
_reads.begin()


class Recorder(Looking):
    """Writes down the first failure, or that something is still going on after a time."""

    def __init__(self, path: Path, seconds: float) -> None:
        super().__init__(Path(__file__).parent, lambda: ["try_import", "try_start"])
        self._path = path
        self._seconds = seconds
        self._main = threading.get_ident()
        self._step = ""
        self._timer = threading.Timer(seconds, self._give_up)

    def _write(self, **found: Any) -> None:
        if not self._path.exists():
            text = json.dumps({"step": self._step, **found})
            self._path.write_text(text, encoding="utf-8")

    def _give_up(self) -> None:
        frame = sys._current_frames().get(self._main)
        place = ""
        while frame is not None and not place:
            file = frame.f_code.co_filename
            place = shown(file, frame.f_lineno) if is_of_the_project(file) else ""
            frame = frame.f_back
        self._write(wants=[], waited=place)
        os._exit(3)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        self._step = item.path.stem.removeprefix("try_")
        self._timer.cancel()
        self._timer = threading.Timer(self._seconds, self._give_up)
        self._timer.daemon = True
        self._timer.start()

    def pytest_configure(self, config: pytest.Config) -> None:
        super().pytest_configure(config)
        # It is registered too late for what the others say of pytest-xdist.
        config.option.numprocesses, config.option.dist = 0, "no"

    # Around the harness's own, which ends the run for some errors.
    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
        error = call.excinfo.value if call.excinfo else None
        if error is not None:
            self._note(error)
        return (yield)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        self._note(excinfo.value.__context__ or excinfo.value)

    def pytest_sessionfinish(self) -> None:
        self._timer.cancel()
        self._write(wants=[], fine=True)

    def _note(self, error: BaseException) -> None:
        # Late, for until the harness is loaded modules of the application may take its names.
        from test_harness.demands.failure import describe

        self._timer.cancel()
        reached = [deed for deed in watch.take() if deed.service]
        found = describe(error, _reads)
        if reached and not found["wants"]:
            found["reached"] = str(reached[-1])
            found["fix"] = reached[-1].fix
        self._write(**found)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--trial", type=Path, help="the file that a failure is written to")
    parser.addoption("--trial-seconds", type=float, help="how long each step may take")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    watch.begin()
    recorder = Recorder(config.option.trial, config.option.trial_seconds)
    config.pluginmanager.register(recorder, "test_harness_trial")
