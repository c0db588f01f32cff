# mypy: ignore-errors
"""Loads the harness; fixtures of your own go at the end of this file.

The harness takes part only when pytest runs under the pytest.ini that came with it. Under any other
configuration this folder is passed over, so that a suite you had before runs as it always did.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
BESIDE, ABOVE = HERE / "pytest.ini", HERE.parent / "pytest.ini"
OUR_CONFIGURATION = BESIDE if BESIDE.exists() else ABOVE


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    if parser.extra_info.get("inifile") != str(OUR_CONFIGURATION):
        return
    # A copy of the engine in this folder is always found, and what it imports is not.
    if None in map(importlib.util.find_spec, ("test_harness", "factory", "dotenv")):
        in_the_environment_of_the_tests(pluginmanager)
    from test_harness import project

    project.use(HERE)
    pluginmanager.import_plugin("test_harness.plugin")


def in_the_environment_of_the_tests(plugins: pytest.PytestPluginManager) -> None:
    """Start again in `.venv` beside this file, which is there where packages were too old here."""
    python = HERE / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists() or Path(sys.prefix).resolve() == HERE / ".venv":
        raise pytest.UsageError(
            "The engine of the test harness is not installed in this environment.\n"
            f"  Fix: `{sys.executable} -m pip install -r {HERE.name}/requirements.txt`, or with "
            "`uv pip install`."
        )
    capture = plugins.get_plugin("capturemanager")
    if capture is not None:
        # What the new process prints would end in the files that capture output here.
        capture.stop_global_capturing()
    command = [str(python), "-m", "pytest", *sys.argv[1:]]
    os._exit(subprocess.run(command, check=False).returncode)


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    return None if config.pluginmanager.has_plugin("test_harness.plugin") else True
