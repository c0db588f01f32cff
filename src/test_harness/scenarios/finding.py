"""Scenarios of `scenarios.py`: named rows that tests and development databases share."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from typing import Any

from test_harness.errors import HarnessError
from test_harness.project import suite_dir

Scenario = Callable[[], Any]


def all_scenarios() -> dict[str, Scenario]:
    """Return the public functions of `scenarios.py` by name.

    Raises:
        HarnessError: There is no such file.
    """
    if not (suite_dir() / "scenarios.py").exists():
        raise HarnessError(
            f"{suite_dir() / 'scenarios.py'} does not exist.",
            "Write it, with a function for each scenario that makes rows with factories.",
        )
    module = importlib.import_module("scenarios")
    return {
        name: function
        for name, function in vars(module).items()
        if inspect.isfunction(function)
        and function.__module__ == module.__name__
        and not name.startswith("_")
    }


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
