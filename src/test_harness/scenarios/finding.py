"""Scenarios of `scenarios.py`: named rows that tests and development databases share."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from test_harness.errors import HarnessError
from test_harness.project import suite_dir

Scenario = Callable[[], Any]


def all_scenarios() -> dict[str, Scenario]:
    """Return the public functions of `scenarios.py` by name.

    Raises:
        HarnessError: There is no such file.
    """
    path = suite_dir() / "scenarios.py"
    if not path.exists():
        raise HarnessError(
            f"{path} does not exist.",
            "Write it, with a function for each scenario that makes rows with factories.",
        )
    module = _loaded(path)
    return {
        name: function
        for name, function in vars(module).items()
        if inspect.isfunction(function)
        and function.__module__ == module.__name__
        and not name.startswith("_")
    }


@cache
def _loaded(path: Path) -> ModuleType:
    # By its path, for the application may have a module of this name.
    spec = importlib.util.spec_from_file_location("harness_scenarios", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def find_scenario(name: str) -> Scenario:
    """Return a scenario by its name; the only one that there is needs none.

    Raises:
        HarnessError: There is none of that name, or there are several to choose from.
    """
    known = all_scenarios()
    chosen = name or (next(iter(known)) if len(known) == 1 else "")
    if chosen not in known:
        names = ", ".join(sorted(known)) or "none yet"
        raise HarnessError(
            f"scenarios.py has no scenario {name!r}." if name else "No scenario was named.",
            f"Name one of those that it has: {names}.",
        )
    return known[chosen]
