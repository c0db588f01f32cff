"""Draw what was measured, as docs/growth.svg, from benchmarks/results/latest.json.

    python -m tools.growth            write the picture
    python -m tools.growth --check    end with 1 when the picture is another one

A plot for each row that has one: what grows to the right, how long it takes up, both by factors, so
that what is linear is a line of one slope. Below them stand the peers, as multiples of ours.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from benchmarks import RESULTS
from tools.demo import ROOT, say

PICTURE = ROOT / "docs" / "growth.svg"
COLUMNS, WIDTH, HEIGHT, EDGE, GAP = 3, 300, 220, 24, 28
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 44, 34
BAR, NAMES, FIGURES = 22, 330, 90
COLOURS = ("#2457a6", "#c2571a", "#3a8a4d", "#8a5aa8")
TEXT, SOFT, LINE = "#182338", "#5b6678", "#d5dbe6"
BESIDE = " / ours"

Row = Mapping[str, Any]


def picture(rows: Iterable[Row]) -> str:
    """Return the SVG of measured rows."""
    rows = list(rows)
    plots = [row["plot"] for row in rows if row.get("plot")]
    peers = sorted(filter(_is_a_peer, rows), key=lambda row: -row["measured"])
    lines = -(-len(plots) // COLUMNS)
    width = 2 * EDGE + COLUMNS * WIDTH + (COLUMNS - 1) * GAP
    begin = EDGE + lines * (HEIGHT + GAP)
    height = begin + (40 + len(peers) * BAR if peers else 0) + EDGE
    marks = []
    for number, plot in enumerate(plots):
        left = EDGE + number % COLUMNS * (WIDTH + GAP)
        top = EDGE + number // COLUMNS * (HEIGHT + GAP)
        marks += [f'<g transform="translate({left} {top})">', *_plot(plot), "</g>"]
    if peers:
        marks += [f'<g transform="translate({EDGE} {begin})">', *_bars(peers), "</g>"]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            'font-family="system-ui, sans-serif" font-size="11">',
            "<title>How what takes time grows, and peers as multiples of ours</title>",
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
            *marks,
            "</svg>",
            "",
        ]
    )


def _is_a_peer(row: Row) -> bool:
    # What is a share of the best there can be is no multiple of ours.
    found = re.fullmatch(r">= ([\d.]+)", row["goal"])
    return BESIDE in row["name"] and found is not None and float(found[1]) >= 1


def _plot(plot: Mapping[str, Any]) -> Iterable[str]:
    lines = {
        name: sorted((int(x), float(y)) for x, y in line.items())
        for name, line in plot["lines"].items()
        if line
    }
    points = [point for line in lines.values() for point in line]
    across = _Factors([x for x, _ in points], LEFT, WIDTH - RIGHT)
    up = _Factors([y for _, y in points], HEIGHT - BOTTOM, TOP)
    yield _text(0, 12, plot["title"], size=13, weight="bold")
    yield _text(WIDTH - RIGHT, HEIGHT - 4, plot["over"], SOFT, "end")
    for tick in up.ticks:
        y = up.at(tick)
        yield f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{LINE}"/>'
        yield _text(LEFT - 6, y + 4, f"{tick:g} {plot['unit']}", SOFT, "end")
    for value in sorted({x for x, _ in points}):
        yield _text(across.at(value), HEIGHT - BOTTOM + 16, f"{value:,}", SOFT, "middle")
    named = 0
    for (name, line), colour in zip(lines.items(), COLOURS, strict=False):
        path = " ".join(f"{across.at(x):.1f},{up.at(y):.1f}" for x, y in line)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        for x, y in line:
            said = f"<title>{escape(name)}, {x:,} {escape(plot['over'])}: {_shown(y)}</title>"
            yield (
                f'<circle cx="{across.at(x):.1f}" cy="{up.at(y):.1f}" r="3.5" fill="{colour}">'
                f"{said}</circle>"
            )
        yield _text(named, 29, name, colour)
        named += 14 + 6 * len(name)


def _bars(peers: Sequence[Row]) -> Iterable[str]:
    yield _text(0, 12, "How many times as long a peer takes as ours", size=13, weight="bold")
    longest = max(_factor(row["measured"]) for row in peers)
    room = COLUMNS * WIDTH + (COLUMNS - 1) * GAP - NAMES - FIGURES
    for number, row in enumerate(peers):
        top = 26 + number * BAR
        length = max(_factor(row["measured"]) / longest * room, 1)
        yield _text(NAMES - 8, top + 14, row["name"].replace(BESIDE, ""), anchor="end")
        yield (
            f'<rect x="{NAMES}" y="{top + 3}" width="{length:.1f}" height="{BAR - 8}" '
            f'fill="{COLOURS[0]}"/>'
        )
        yield _text(NAMES + length + 6, top + 14, f"{row['measured']:.3g}", SOFT)


def _factor(times: float) -> float:
    # By factors, or what is 40 times would leave of what is 1.3 times a dot.
    return math.log10(max(times, 1)) + 0.02


def _shown(value: float) -> str:
    return f"{value:.3g}"


def _text(x: float, y: float, text: str, fill: str = TEXT, anchor: str = "", **font: object) -> str:
    more = f' text-anchor="{anchor}"' if anchor else ""
    more += "".join(f' font-{key}="{value}"' for key, value in font.items())
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{fill}"{more}>{escape(text)}</text>'


class _Factors:
    """An axis by factors, from half of the lowest value to twice the highest."""

    def __init__(self, values: Sequence[float], begin: float, end: float) -> None:
        self._low, high = math.log10(min(values) / 1.5), math.log10(max(values) * 1.5)
        self._scale = (end - begin) / (high - self._low)
        self._begin = begin
        powers = range(math.floor(self._low), math.ceil(high) + 1)
        steps = (1, 2, 5) if high - self._low < 2 else (1,)
        ticks = [step * 10.0**power for power in powers for step in steps]
        self.ticks = [it for it in ticks if self._low <= math.log10(it) <= high]

    def at(self, value: float) -> float:
        """Return the place of a value."""
        return self._begin + (math.log10(value) - self._low) * self._scale


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the picture, or see whether it is what was measured, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.growth", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    made = picture(json.loads(RESULTS.read_text(encoding="utf-8")))
    if parser.parse_args(arguments).check:
        is_same = PICTURE.exists() and PICTURE.read_text(encoding="utf-8") == made
        if not is_same:
            print(
                "The picture is not what was measured: `python -m tools.growth`.", file=sys.stderr
            )
        return int(not is_same)
    PICTURE.write_text(made, encoding="utf-8")
    say(f"Written to {PICTURE.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
