"""Measure, print the table, and write benchmarks/results/latest.json.

    python -m benchmarks          every row
    python -m benchmarks P4,P7    only some rows; the others stay in the file as they are

What a module has measured is written when it is done, so that nothing is lost when a later one
fails. A row that depends on the cores or on a disk says little while others use them: the load is
printed beside it. The exit status is 1 when a row misses its goal.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pkgutil
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from types import ModuleType

from rich.console import Console
from rich.table import Table

import benchmarks
from benchmarks import RESULTS, Row


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the rows that are asked for and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ID", help="rows to measure; all without any")
    given = [row for text in parser.parse_args(arguments).rows for row in text.split(",")]
    known = {row: module for module in modules() for row in module.ROWS}
    wanted = given or sorted(known)
    if unknown := [row for row in wanted if row not in known]:
        print(f"There is no row {unknown[0]}: name one of {', '.join(sorted(known))}.")
        return 2
    chosen = {known[row].__name__: known[row] for row in sorted(wanted)}
    console = Console(highlight=False)
    rows: list[Row] = []
    for module in chosen.values():
        own = [row for row in module.ROWS if row in wanted]
        console.print(f"Measuring {', '.join(own)} ...", style="dim")
        began = time.perf_counter()
        rows += module.measure(own) if len(module.ROWS) > 1 else module.measure()
        taken, load = time.perf_counter() - began, os.getloadavg()[0]
        console.print(f"... which took {taken:.0f} s, at a load of {load:.1f}.", style="dim")
        rows.sort(key=lambda row: row.id)
        write(rows)
    console.print(table(rows))
    console.print(f"Written to {RESULTS.relative_to(benchmarks.ROOT)}.")
    return 0 if rows and all(row.ok for row in rows) else 1


def modules() -> list[ModuleType]:
    """Return the modules of this package that measure rows."""
    found = [
        importlib.import_module(f"benchmarks.{module.name}")
        for module in pkgutil.iter_modules(benchmarks.__path__)
        if module.name != "__main__"
    ]
    return [module for module in found if hasattr(module, "ROWS")]


def table(rows: Sequence[Row]) -> Table:
    """Return the table of all rows, those that miss their goal marked."""
    shown = Table("id", "what", "measured", "spread", "goal", "depends on", "")
    for row in rows:
        shown.add_row(
            row.id,
            row.name,
            f"{row.measured:g}",
            " to ".join(f"{figure:g}" for figure in row.spread),
            row.goal,
            ", ".join(row.depends),
            "met" if row.ok else "MISSED",
            style=None if row.ok else "red",
        )
    return shown


def write(rows: Sequence[Row]) -> None:
    """Write the rows as a list of objects: `id`, `name`, `measured`, `goal`, `ok` and the rest.

    Those of the file stay whose subject, the `P1` of `P1-asyncpg`, is not among the rows.
    """
    measured = {subject(row.id) for row in rows}
    kept = json.loads(RESULTS.read_text(encoding="utf-8"))
    listed = [row for row in kept if subject(row["id"]) not in measured]
    listed += [{key: it for key, it in asdict(row).items() if it is not None} for row in rows]
    listed.sort(key=lambda row: str(row["id"]))
    RESULTS.write_text(json.dumps(listed, indent=2) + "\n", encoding="utf-8")


def subject(id: str) -> str:  # noqa: A002
    """Return which promise a row belongs to: `P3` for `P3-truncate`, `P9` for `P9b`."""
    found = re.match(r"[A-Z]\d+", id)
    assert found is not None, id
    return found[0]


if __name__ == "__main__":
    sys.exit(main())
