"""What is looked at while tests run: the section [watch] of harness.toml."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WatchSettings:
    """How what tests leave behind is taken.

    `leaks` is `fail`, `warn` or `off`. It warns unless it is told otherwise: a suite that was there
    before has leaks that nobody has felt yet, and is not turned red by being looked at. `names` are
    registries and singletons, `module:name` with blanks between them, that no test may change, and
    `caches` are those, named as leaks name them, that any test may fill.
    """

    leaks: str = "warn"
    names: str = ""
    caches: str = ""
