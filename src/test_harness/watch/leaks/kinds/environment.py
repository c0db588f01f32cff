"""Environment variables."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from test_harness.watch.leaks.kind import UNSET, Change, Kind
from test_harness.watch.leaks.test import Test
from test_harness.watch.leaks.trail import ENVIRONMENT, trail

# Set by what runs the tests, and for what it starts.
FOREIGN = ("PYTEST_", "COV_CORE_", "COVERAGE_", "TEST_HARNESS_")


class Watch(Kind):
    """Compares all of them, as they are kept: to decode them takes longer than a small test."""

    what = "changes the environment variable"
    fix = "Set it with monkeypatch.setenv, which puts it back."

    def __init__(self) -> None:
        self._current_test = _encoded("PYTEST_CURRENT_TEST")

        self._times = -1

    def before(self) -> dict[Any, Any]:
        self._times = trail.times(ENVIRONMENT)
        state = dict(_kept())
        state.pop(self._current_test, None)
        return state

    def after(self, state: dict[Any, Any]) -> Sequence[Change]:
        if trail.times(ENVIRONMENT) == self._times or (now := self.before()) == state:
            return ()
        names = [it for it in {*now, *state} if now.get(it) != state.get(it)]
        return [
            Change(
                name,
                os.fsdecode(state[it]) if it in state else UNSET,
                os.fsdecode(now[it]) if it in now else UNSET,
                next((line for key, line in trail.of(ENVIRONMENT) if key == it), ""),
                rf"""["']{name}["']""",
            )
            for it in sorted(names)
            if not (name := os.fsdecode(it)).startswith(FOREIGN)
        ]

    def is_leak(self, change: Change, test: Test) -> bool:
        # Libraries set variables of their own when they are imported.
        is_of_an_import = change.before is UNSET and test.has_imported and not change.place
        return not is_of_an_import or bool(test.says(change.words))

    def restore(self, state: Any, change: Change) -> bool:
        if change.before is UNSET:
            os.environ.pop(change.name, None)
        else:
            os.environ[change.name] = change.before
        return True


def _kept() -> Mapping[Any, Any]:
    kept: Mapping[Any, Any] = getattr(os.environ, "_data", {})
    return kept or os.environ


def _encoded(name: str) -> Any:
    return os.environ.encodekey(name) if hasattr(os.environ, "encodekey") else name
