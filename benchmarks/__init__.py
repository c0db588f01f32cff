"""What the harness promises in figures, measured; each module measures some of the rows.

A module takes part when it has a list `ROWS` of the ids it measures and a function `measure` that
returns a `Row` for each; `python -m benchmarks` finds it by itself. Where there are several ids,
the function is handed those that are wanted.

A figure is a ratio to a floor or a peer that was measured in the same run and took turns with ours:
what an absolute time says depends on the machine and on the minute.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "latest.json"

# What a row may depend on besides the code; where that is busy, the row says less.
CORES, DISK, LOOPBACK = "cores", "disk", "loopback"

# The figures of a side of a plot, by how much there was of what grows.
Line = Mapping[int, float]


@dataclass(frozen=True)
class Plot:
    """What a row shows as a plot, in docs/growth.svg.

    Args:
        title: What is plotted.
        over: What grows to the right: `revisions`.
        unit: Of the figures: `s`.
        lines: The figures of each side, ours first.
    """

    title: str
    over: str
    unit: str
    lines: Mapping[str, Line]


@dataclass(frozen=True)
class Row:
    """One measured figure and the goal it has to meet.

    Args:
        id: P1 to P11, W1 to W3, L1, X1 or X2, with more after it when a promise has several
            figures: `P3-truncate`.
        name: What was measured, as a phrase.
        measured: The figure: the median, where it was measured several times.
        goal: What it is compared with.
        ok: Whether the figure meets the goal.
        spread: The lowest and the highest of what the figure is the median of.
        depends: What it depends on besides the code, of `CORES`, `DISK` and `LOOPBACK`.
        plot: What a picture shows of it, if anything.
    """

    id: str
    name: str
    measured: float
    goal: str
    ok: bool
    spread: Sequence[float] = ()
    depends: Sequence[str] = field(default=(CORES,))
    plot: Plot | None = None


def at_most(
    id: str,  # noqa: A002
    name: str,
    measured: Sequence[float],
    limit: float,
    *,
    depends: Sequence[str] = (CORES,),
    plot: Plot | None = None,
) -> Row:
    """Return a row whose figure, the median of what was measured, may not exceed a limit."""
    figure, spread = statistics.median(measured), spread_of(measured)
    met = figure <= limit
    return Row(id, name, round(figure, 3), f"<= {limit:g}", met, spread, depends, plot)


def at_least(
    id: str,  # noqa: A002
    name: str,
    measured: Sequence[float],
    limit: float,
    *,
    depends: Sequence[str] = (CORES,),
    plot: Plot | None = None,
) -> Row:
    """Return a row whose figure, the median of what was measured, may not fall below a limit."""
    figure, spread = statistics.median(measured), spread_of(measured)
    met = figure >= limit
    return Row(id, name, round(figure, 3), f">= {limit:g}", met, spread, depends, plot)


def spread_of(measured: Sequence[float]) -> list[float]:
    """Return the lowest and the highest of figures; nothing where there is but one."""
    ends = (min(measured), max(measured)) if len(measured) > 1 else ()
    return [round(figure, 3) for figure in ends]


def ratios(ours: Sequence[float], floor: Sequence[float]) -> list[float]:
    """Return what ours took as multiples of what the floor took in the same turn."""
    return [one / other for one, other in zip(ours, floor, strict=True)]


def medians(runs: Sequence[Sequence[float]]) -> list[float]:
    """Return the median of each column of runs that took turns."""
    return [statistics.median(column) for column in zip(*runs, strict=True)]
