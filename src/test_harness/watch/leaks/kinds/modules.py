"""Modules that stand in `sys.modules` for others, or are taken out of it."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from test_harness.watch.leaks.files import is_of_the_project, own_modules
from test_harness.watch.leaks.kind import UNSET, Change, Kind
from test_harness.watch.leaks.test import Test, is_made_by_tests


class Watch(Kind):
    """Compares which module each name has; what is imported for the first time is no leak.

    Whatever is put there or taken away changes how many there are, or which is the last. Something
    else under a name that is there already is looked for where the project speaks of `sys.modules`.
    """

    what = "changes sys.modules:"
    fix = "Replace a module with monkeypatch.setitem(sys.modules, ...), which puts it back."

    def before(self) -> tuple[list[Any], dict[str, Any]]:
        return [*sys.modules.values()], sys.modules.copy()

    def after(self, state: tuple[list[Any], dict[str, Any]]) -> Sequence[Change]:
        values, known = state
        if (
            len(sys.modules) == len(values)
            and next(reversed(sys.modules.values())) is values[-1]
            and not own_modules.say(b"modules")
        ):
            return ()
        # A thousand modules lie all over the memory: it takes longer than all other kinds.
        if [*sys.modules.values()] == values:
            return ()
        now = sys.modules.copy()
        return [
            Change(
                name,
                known.get(name, UNSET),
                now.get(name, UNSET),
                words=rf"""["']{re.escape(name)}["']|sys\.modules""",
            )
            for name in {**known, **now}
            if known.get(name, UNSET) is not now.get(name, UNSET)
        ]

    def is_leak(self, change: Change, test: Test) -> bool:
        if change.before is UNSET:
            return _is_false(change.after)
        if change.after is not UNSET and _is_false(change.after):
            return True
        # Libraries take their own modules apart.
        file = getattr(change.before, "__file__", None) or ""
        return is_of_the_project(file) or bool(test.says(change.words))

    def restore(self, state: Any, change: Change) -> bool:
        if change.before is UNSET:
            sys.modules.pop(change.name, None)
            return True
        sys.modules[change.name] = change.before
        package, _, name = change.name.rpartition(".")
        if package in sys.modules and hasattr(sys.modules[package], name):
            setattr(sys.modules[package], name, change.before)
        return True


def _is_false(module: Any) -> bool:
    """Tell whether something stands there that no import has put there."""
    if not isinstance(module, ModuleType):
        # None forbids an import.
        return module is None or is_made_by_tests(module)
    if module.__name__ == "__main__":
        return False  # multiprocessing calls it by another name too.
    is_made_by_hand = module.__spec__ is None and not hasattr(module, "__file__")
    # What Cython compiles makes such modules too.
    return is_made_by_hand and type(module) is ModuleType and "cython" not in module.__name__
