"""Loads the harness; fixtures of your own go at the end of this file.

The harness takes part only when pytest runs under the pytest.ini that came with it. Under any other
configuration this folder is passed over, so that a suite you had before runs as it always did.
"""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
BESIDE, ABOVE = HERE / "pytest.ini", HERE.parent / "pytest.ini"
OUR_CONFIGURATION = BESIDE if BESIDE.exists() else ABOVE


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    if parser.extra_info.get("inifile") == str(OUR_CONFIGURATION):
        from harness.restart import in_the_environment_of_the_tests

        in_the_environment_of_the_tests(pluginmanager)
        pluginmanager.import_plugin("harness.plugin")


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    return None if config.pluginmanager.has_plugin("harness.plugin") else True
