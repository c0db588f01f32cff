"""What a test may cost, and where it costs more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from test_harness.errors import HarnessError
from test_harness.settings.budgets import BudgetSettings

MARKER = "performance_budget"
DESCRIPTION = (
    f"{MARKER}(seconds, megabytes, statements, requests, exact): fails where it costs more; with "
    "exact=True what Python allocates is counted, which takes time"
)
UNITS = {
    "seconds": "seconds",
    "megabytes": "MB of memory",
    "statements": "statements",
    "requests": "requests",
}


@dataclass(frozen=True)
class Cost:
    """What a test cost; `megabytes` is None where this system does not tell."""

    seconds: float = 0.0
    megabytes: float | None = None
    statements: int = 0
    requests: int = 0


@dataclass(frozen=True)
class Excess:
    """What a test took too much of.

    Args:
        what: Of `UNITS`.
        taken: How much it took.
        allowed: How much it may take.
        marked: Whether its own marker says so, and it fails.
    """

    what: str
    taken: float
    allowed: float
    marked: bool

    def __str__(self) -> str:
        taken = (
            f"{self.taken:.3g}" if self.what in ("seconds", "megabytes") else f"{self.taken:.0f}"
        )
        unit = UNITS[self.what].removesuffix("s") if self.taken == 1 else UNITS[self.what]
        return f"{taken} {unit}, {self.allowed:g} are allowed"


@dataclass(frozen=True)
class Budget:
    """What a test may cost; what is None is not looked at.

    Args:
        marked: Those that its own marker names.
        exact: Whether memory is what Python allocates, and not what the process grows by.
    """

    seconds: float | None = None
    megabytes: float | None = None
    statements: float | None = None
    requests: float | None = None
    marked: frozenset[str] = frozenset()
    exact: bool = False

    @classmethod
    def of_settings(cls, settings: BudgetSettings) -> Budget:
        """Return what every test may cost."""
        limits: dict[str, Any] = {what: getattr(settings, what) or None for what in UNITS}
        marked = frozenset(UNITS) if settings.over == "fail" else frozenset[str]()
        return cls(**limits, marked=marked)

    def with_marker(self, arguments: tuple[Any, ...], named: Mapping[str, Any]) -> Budget:
        """Return what a test may cost whose marker has these arguments.

        Raises:
            HarnessError: They are not what the marker takes.
        """
        wrong = [name for name in named if name not in (*UNITS, "exact")]
        values = {name: named[name] for name in UNITS if name in named}
        wrong += [name for name, it in values.items() if it is not None and not _is_limit(it)]
        if arguments or wrong or not isinstance(named.get("exact", False), bool):
            given = ", ".join([*map(repr, arguments), *(f"{it}={named[it]!r}" for it in named)])
            raise HarnessError(
                f"@pytest.mark.{MARKER}({given}) is no budget.",
                f"Give it one or more of {', '.join(UNITS)}, each by its name and as a number; "
                "None is for as much as it likes.",
            )
        exact = bool(named.get("exact", False))
        limits: dict[str, Any] = {what: getattr(self, what) for what in UNITS}
        if exact:
            # Counting allocations takes more time than most tests do.
            limits["seconds"] = None
        return Budget(**{**limits, **values}, marked=self.marked | {*values}, exact=exact)

    def without(self, *names: str) -> Budget:
        """Return the same without the limits that no marker of the test set."""
        limits: dict[str, Any] = {
            what: None if what in names and what not in self.marked else getattr(self, what)
            for what in UNITS
        }
        return Budget(**limits, marked=self.marked, exact=self.exact)

    def over(self, cost: Cost) -> list[Excess]:
        """Return what a test took too much of."""
        return [
            Excess(what, taken, allowed, what in self.marked)
            for what in UNITS
            if (allowed := getattr(self, what)) is not None
            and (taken := getattr(cost, what)) is not None
            and taken > allowed
        ]


def _is_limit(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0
