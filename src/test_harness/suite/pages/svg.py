"""Plots as SVG that stands in a page: colours are the page's, and each mark says what it is."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from test_harness.suite.pages.tags import tag

WIDTH = 640
ROW = 24
LABELS = 250
VALUES = 60
LOWEST = 26
LEFT = 44


@dataclass(frozen=True)
class Part:
    """A part of a bar.

    Args:
        value: Its length.
        colour: A variable of the page.
        said: What is shown when somebody points at it.
    """

    value: float
    colour: str
    said: str


@dataclass(frozen=True)
class Bar:
    """A bar of parts.

    Args:
        name: What it is of.
        parts: From the axis on.
        shown: The figure at its end.
        faint: Whether it is shown as of less weight.
    """

    name: str
    parts: Sequence[Part]
    shown: str = ""
    faint: bool = False

    @property
    def total(self) -> float:
        """All parts together."""
        return sum(part.value for part in self.parts)


@dataclass(frozen=True)
class Dot:
    """A point of a scatter plot.

    Args:
        x: To the right.
        y: Up.
        size: Of the mark, from 0 to 1.
        colour: A variable of the page.
        said: What is shown when somebody points at it.
    """

    x: float
    y: float
    size: float
    colour: str
    said: str


def bars(rows: Sequence[Bar], limit: float | None = None) -> str:
    """Return bars from left to right, one below the other.

    Args:
        rows: The bars.
        limit: Where a line stands that they should not cross; none beyond what is shown.
    """
    longest = max((bar.total for bar in rows), default=0) or 1
    scale = (WIDTH - LABELS - VALUES) / longest
    marks = []
    for number, bar in enumerate(rows):
        top, left = number * ROW, float(LABELS)
        name = tag("title", escape(bar.name))
        marks.append(_text(_short(bar.name), LABELS - 8, top + 16, "end", name, class_="name"))
        for part in bar.parts:
            marks.append(_rect((left, top + 4), (part.value * scale, ROW - 8), part))
            left += part.value * scale
        marks.append(_text(bar.shown, left + 6, top + 16))
    if limit is not None and limit <= longest:
        marks.append(_limit((LABELS + limit * scale, 0), (LABELS + limit * scale, len(rows) * ROW)))
    return _svg(WIDTH, len(rows) * ROW + 2, marks)


def columns(rows: Sequence[Bar], height: int = 200, unit: str = "") -> str:
    """Return bars that stand side by side, with an axis.

    Args:
        rows: The bars; the name of the first, the last and one in the middle is shown.
        height: Of the plot.
        unit: What the axis is in.
    """
    ticks = _ticks(max((bar.total for bar in rows), default=0))
    floor = height - LOWEST
    scale = (floor - 10) / (ticks[-1] or 1)
    width = (WIDTH - LEFT) / max(len(rows), 8)
    marks = [_across(floor - tick * scale, f"{tick:g}{unit}") for tick in ticks]
    for number, bar in enumerate(rows):
        left, top = LEFT + number * width, float(floor)
        for part in bar.parts:
            top -= part.value * scale
            size = (width - 4, part.value * scale)
            marks.append(_rect((left + 2, top), size, part, 0.4 if bar.faint else 1))
        if number in {0, len(rows) // 2, len(rows) - 1}:
            marks.append(_text(bar.name, left + width / 2, height - 8, "middle"))
    return _svg(WIDTH, height, marks)


def scatter(
    dots: Iterable[Dot], of_x: str, of_y: str, limits: tuple[float, float], height: int = 260
) -> str:
    """Return points on two axes that grow by factors.

    Args:
        dots: The points; what is 0 stands at the axis.
        of_x: What goes to the right.
        of_y: What goes up.
        limits: Where lines stand that points should not cross; 0 for none.
        height: Of the plot.
    """
    dots = list(dots)
    across = _Factors([dot.x for dot in dots], LEFT, WIDTH - 10)
    up = _Factors([dot.y for dot in dots], height - LOWEST, 10)
    floor = height - LOWEST
    marks = [_across(up.at(it), name) for it, name in zip(up.ticks, up.labels, strict=True)]
    marks += [
        _text(name, across.at(it), height - 8, "middle")
        for it, name in zip(across.ticks, across.labels, strict=True)
    ]
    marks += [_text(of_x, WIDTH - 10, floor - 6, "end"), _text(of_y, LEFT + 4, 8)]
    if 0 < limits[0] <= across.highest:
        marks.append(_limit((across.at(limits[0]), 10), (across.at(limits[0]), floor)))
    if 0 < limits[1] <= up.highest:
        marks.append(_limit((LEFT, up.at(limits[1])), (WIDTH - 10, up.at(limits[1]))))
    marks += [
        tag(
            "circle", tag("title", escape(dot.said)),
            class_="mark", cx=across.at(dot.x), cy=up.at(dot.y), r=3 + 9 * dot.size,
            fill=f"var(--{dot.colour})", fill_opacity=".55",
        )
        # The small ones lie above the large ones.
        for dot in sorted(dots, key=lambda it: -it.size)
    ]  # fmt: skip
    return _svg(WIDTH, height, marks)


def sparkline(values: Sequence[float], width: int = 84, height: int = 20) -> str:
    """Return how a value went, in the height of a line."""
    if len(values) < 2:
        return ""
    highest = max(values) or 1
    step = (width - 4) / (len(values) - 1)
    points = [
        (2 + number * step, height - 2 - value / highest * (height - 4))
        for number, value in enumerate(values)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    return tag(
        "svg",
        tag("polyline", points=line, fill="none", stroke="var(--soft)", stroke_width=1.2),
        tag("circle", cx=x, cy=y, r=2, fill="var(--accent)"),
        style=f"width:{width}px", viewBox=f"0 0 {width} {height}", aria_hidden="true",
    )  # fmt: skip


class _Factors:
    """An axis on which each step is a factor of ten; what is 0 stands where it begins."""

    def __init__(self, values: Sequence[float], begin: float, end: float) -> None:
        positive = [value for value in values if value > 0] or [1.0]
        self._low = math.floor(math.log10(min(positive)))
        self._high = max(math.ceil(math.log10(max(positive))), self._low + 1)
        # What is 0 has a place of its own, below all that is not.
        self._low -= any(value <= 0 for value in values)
        self._begin, self._end = begin, end
        self.highest = 10.0**self._high
        self.ticks = [10.0**power for power in range(self._low, self._high + 1)]
        self.labels = [f"{tick:g}" for tick in self.ticks]
        if min(values, default=1) <= 0:
            self.labels[0] = "0"

    def at(self, value: float) -> float:
        share = (math.log10(value) - self._low) / (self._high - self._low) if value > 0 else 0.0
        return self._begin + (self._end - self._begin) * max(share, 0.0)


def _ticks(highest: float) -> list[float]:
    """Return round figures from 0 to what is no less than the highest."""
    if highest <= 0:
        return [0.0, 1.0]
    rough = highest / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(it * power for it in (1, 2, 2.5, 5, 10) if it * power >= rough)
    return [round(number * step, 10) for number in range(math.ceil(highest / step) + 1)]


def _rect(
    corner: tuple[float, float], size: tuple[float, float], part: Part, opacity: float = 1
) -> str:
    said = tag("title", escape(part.said))
    return tag(
        "rect", said, class_="mark", x=corner[0], y=corner[1], width=size[0], height=size[1],
        rx=2, fill=f"var(--{part.colour})", opacity=opacity,
    )  # fmt: skip


def _text(text: str, x: float, y: float, anchor: str = "", *more: str, class_: str = "") -> str:
    return tag("text", escape(text), *more, x=x, y=y, text_anchor=anchor, class_=class_)


def _limit(begin: tuple[float, float], end: tuple[float, float]) -> str:
    return tag("line", x1=begin[0], y1=begin[1], x2=end[0], y2=end[1], class_="limit")


def _across(y: float, label: str) -> str:
    line = tag("line", x1=LEFT, x2=WIDTH, y1=y, y2=y, class_="grid")
    return line + _text(label, LEFT - 6, y + 4, "end")


def _short(name: str, most: int = 40) -> str:
    return name if len(name) <= most else f"…{name[1 - most :]}"


def _svg(width: float, height: float, marks: Iterable[str]) -> str:
    return tag("svg", *marks, viewBox=f"0 0 {width:g} {height:g}", role="img")
