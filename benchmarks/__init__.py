"""What the harness promises in figures, measured; each module measures some of the rows.

A module takes part when it has a list `ROWS` of the ids it measures and a function `measure` that
returns a `Row` for each; `python -m benchmarks` finds it by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "latest.json"


@dataclass(frozen=True)
class Row:
    """One measured figure and the goal it has to meet.

    Args:
        id: P1 to P11 or L1, with a letter after it when a promise has several figures: `P3b`.
        name: What was measured, as a phrase.
        measured: The figure.
        goal: What it is compared with, unit included: `<= 5 s`.
        ok: Whether the figure meets the goal.
    """

    id: str
    name: str
    measured: float
    goal: str
    ok: bool


def at_most(id: str, name: str, measured: float, limit: float, unit: str = "") -> Row:  # noqa: A002
    """Return a row whose figure may not exceed a limit."""
    return Row(id, name, round(measured, 3), f"<= {limit:g} {unit}".rstrip(), measured <= limit)


def at_least(id: str, name: str, measured: float, limit: float, unit: str = "") -> Row:  # noqa: A002
    """Return a row whose figure may not fall below a limit."""
    return Row(id, name, round(measured, 3), f">= {limit:g} {unit}".rstrip(), measured >= limit)
