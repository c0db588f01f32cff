"""Context variables, and with them contexts of frameworks that were entered and not left."""

from __future__ import annotations

import contextvars
from collections.abc import Sequence
from typing import Any

from test_harness.watch.leaks.kind import UNSET, Change, Kind, is_same

# Set once by who uses them first, or for what tests do not see.
FOREIGN = ("decimal_context", "numpy", "current_async_library", "current_greenlet", "permitted")


class Watch(Kind):
    """Compares the context of the tests; a coroutine has one of its own that ends with it."""

    what = "changes the context variable"
    fix = "Reset it with the token that set() returned, or leave the context that was entered."
    is_fresh = True

    def before(self) -> contextvars.Context:
        return contextvars.copy_context()

    def after(self, state: contextvars.Context) -> Sequence[Change]:
        now = contextvars.copy_context()
        if is_same(now, state):
            return ()
        changed = {it for it, value in now.items() if state.get(it, UNSET) is not value}
        # One that is unset again undoes what was seen before something for several tests was made.
        changed |= {it for it in state if it not in now}
        return [
            Change(
                variable.name,
                state.get(variable, UNSET),
                now.get(variable, UNSET),
                words=r"\.set\(|_context\(|\.push\(",
                about=variable,
            )
            for variable in changed
            if not variable.name.startswith(FOREIGN)
        ]

    def restore(self, state: Any, change: Change) -> bool:
        # Of one that had no value there is no way back without the token.
        if change.before is UNSET:
            return False
        change.about.set(change.before)
        return True
