"""What breaks an application: one module for each kind, with `KIND` and `changes(module)`.

They are named in the order in which they are tried: what lets strangers in comes first.
"""

from __future__ import annotations

import importlib
from typing import Any, Protocol

ORDER = (
    "dependencies",
    "roles",
    "decorators",
    "filters",
    "access_calls",
    "guards",
    "passwords",
    "tokens",
    "commits",
    "validation",
    "pages",
)


class Mutator(Protocol):
    """A module that knows one way of breaking a module."""

    KIND: str

    def changes(self, module: Any) -> Any:
        """Yield what can be broken, in the order in which it stands in the module."""


def mutators() -> dict[str, Mutator]:
    """Return all of them by their names."""
    return {name: importlib.import_module(f"{__name__}.{name}") for name in ORDER}


def kinds() -> list[str]:
    """Return what each of them is called by people."""
    return [one.KIND for one in mutators().values()]
