"""Filters of warnings; pytest itself puts them back, and another runner would not."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from test_harness.watch.leaks.kind import UNSET, Change, Kind
from test_harness.watch.leaks.test import Test


class Watch(Kind):
    """Compares them from the beginning of a test to its end: each has filters of its own."""

    what = "changes the filters of warnings:"
    fix = "Use @pytest.mark.filterwarnings, or `with warnings.catch_warnings()`."
    is_fresh = True

    def before(self) -> list[Any]:
        return [*warnings.filters]

    def after(self, state: list[Any]) -> Sequence[Change]:
        now = [*warnings.filters]
        if now == state:
            return ()
        words = r"\b(?:filterwarnings|simplefilter|resetwarnings)\("
        new = [_said(it) for it in now if it not in state]
        gone = [_said(it) for it in state if it not in now]
        found = [Change(it, UNSET, True, "", words, None, "is added") for it in new]
        found += [Change(it, True, UNSET, "", words, None, "is gone") for it in gone]
        return found or [Change("order", 1, 2, "", words, None, "is another")]

    def is_leak(self, change: Change, test: Test) -> bool:
        # Libraries add some of their own when they are imported.
        return not test.has_imported or bool(test.says(change.words))

    def restore(self, state: Any, change: Change) -> bool:
        warnings.filters[:] = state  # type: ignore[index]
        return True


def _said(entry: Any) -> str:
    action, message, category, module, line = entry
    parts = [action, getattr(message, "pattern", message) or "", category.__name__]
    parts += [getattr(module, "pattern", module) or "", str(line or "")]
    return ":".join(parts).rstrip(":")
