"""Draw the rooms of the engine and what they import, read off their imports, as an SVG.

    python -m tools.drawing            write docs/contributing/rooms.svg
    python -m tools.drawing --check    end with 1 when the picture is not today's

A room stands on the floor above the highest that it imports from. An arrow that others lead along
is left out: where A imports B and B imports C, A may import C as well.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from html import escape
from itertools import chain
from pathlib import Path

from tests.imports import imports_of
from tools.demo import ROOT, say

ENGINE = ROOT / "src" / "test_harness"
PICTURE = ROOT / "docs" / "contributing" / "rooms.svg"
WIDTH, HEIGHT, ACROSS, DOWN, EDGE = 118, 32, 14, 58, 16

Rooms = Mapping[str, set[str]]
Floors = list[list[str]]


def rooms_of(package: Path, name: str) -> dict[str, set[str]]:
    """Return the rooms of a package, each with those that it imports from.

    Args:
        package: The folder.
        name: What its own modules call it.
    """
    rooms = {
        path.stem: set[str]()
        for path in sorted(package.iterdir())
        if (path.suffix == ".py" and not path.stem.startswith("__"))
        or (path / "__init__.py").is_file()
    }
    for one in imports_of(package, name):
        above, below = (it.partition(".")[0] for it in (one.importer, one.imported))
        if one.is_own and above != below and above in rooms and below in rooms:
            rooms[above].add(below)
    return rooms


def floors_of(rooms: Rooms) -> Floors:
    """Return the rooms by floors, the highest first.

    Raises:
        ValueError: Their imports lead round.
    """
    floors: Floors = []
    placed: set[str] = set()
    while len(placed) < len(rooms):
        floor = [room for room in rooms if room not in placed and rooms[room] <= placed]
        if not floor:
            raise ValueError(f"Imports lead round among {', '.join(sorted(set(rooms) - placed))}.")
        floors.append(floor)
        placed.update(floor)
    return floors[::-1]


def shortest(rooms: Rooms) -> dict[str, set[str]]:
    """Return the imports without those that others lead along."""
    below: dict[str, set[str]] = {}
    for room in chain.from_iterable(reversed(floors_of(rooms))):
        below[room] = rooms[room].union(*(below[one] for one in rooms[room]))
    return {
        room: {one for one in direct if not any(one in below[other] for other in direct)}
        for room, direct in rooms.items()
    }


def drawing(rooms: Rooms) -> str:
    """Return the SVG of rooms, each given with those that it imports from."""
    floors = floors_of(rooms)
    widest = max(map(len, floors))
    width = 2 * EDGE + widest * WIDTH + (widest - 1) * ACROSS
    height = 2 * EDGE + len(floors) * HEIGHT + (len(floors) - 1) * (DOWN - HEIGHT)
    at = {
        room: _corner(floors, width, level, room)
        for level, floor in enumerate(floors)
        for room in floor
    }
    arrows = [
        _arrow(at[above], at[below])
        for above, direct in shortest(rooms).items()
        for below in sorted(direct)
    ]
    boxes = [part for room in at for part in _box(room, at[room])]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            'font-family="system-ui, sans-serif" text-anchor="middle">',
            "<title>The rooms of the engine, each above those that it imports from</title>",
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
            *arrows,
            *boxes,
            "</svg>",
            "",
        ]
    )


def _corner(floors: Floors, width: int, level: int, room: str) -> tuple[int, int]:
    floor = floors[level]
    taken = len(floor) * WIDTH + (len(floor) - 1) * ACROSS
    left = (width - taken) // 2 + floor.index(room) * (WIDTH + ACROSS)
    return left, EDGE + level * DOWN


def _arrow(above: tuple[int, int], below: tuple[int, int]) -> str:
    begin, end = above[0] + WIDTH // 2, below[0] + WIDTH // 2
    top, bottom = above[1] + HEIGHT, below[1]
    middle = (top + bottom) // 2
    return (
        f'<path d="M{begin} {top}C{begin} {middle} {end} {middle} {end} {bottom}" fill="none" '
        'stroke="#8a94a6" stroke-width="1"/>'
    )


def _box(room: str, corner: tuple[int, int]) -> list[str]:
    left, top = corner
    return [
        f'<rect x="{left}" y="{top}" width="{WIDTH}" height="{HEIGHT}" rx="5" '
        'fill="#eef2fb" stroke="#4863a0"/>',
        f'<text x="{left + WIDTH // 2}" y="{top + 20}" font-size="13" fill="#182338">'
        f"{escape(room)}</text>",
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the picture, or see whether it is today's, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.drawing", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    rooms = rooms_of(ENGINE, "test_harness")
    made = drawing(rooms)
    if parser.parse_args(arguments).check:
        same = PICTURE.is_file() and PICTURE.read_text(encoding="utf-8") == made
        if not same:
            print("The drawing is not today's: `python -m tools.drawing`.", file=sys.stderr)
        return 0 if same else 1
    PICTURE.write_text(made, encoding="utf-8")
    say(f"Written to {PICTURE.relative_to(ROOT)}: {len(rooms)} rooms.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
