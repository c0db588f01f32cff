"""P7: from `copier copy` into an empty directory to an installed project with a green suite."""

from __future__ import annotations

import os
import statistics
from pathlib import Path
from unittest import mock

from benchmarks import Row, at_most
from tools.demo import BUILD, Copied, copy, make_room

ROWS = ["P7"]
GOAL_SECONDS = 5.0
RUNS = 5

ANSWERS = Path("examples/answers/fastapi-async-sqlite.yml")
DESTINATION = BUILD / "benchmarks" / "adoption"


def measure() -> list[Row]:
    """Return the row, and print what its phases took."""
    with mock.patch.dict(os.environ):
        # Warm means that Python has compiled Copier, and that uv has every package in its cache.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        adopt()
        runs = [adopt() for _ in range(RUNS)]
    phases = ", ".join(
        f"{name} {statistics.median(getattr(run, name) for run in runs):.2f} s"
        for name in ("render", "environment", "suite")
    )
    print(f"P7: {runs[0].counts}; medians of {RUNS} runs: {phases}")
    total = statistics.median(run.total for run in runs)
    name = "copier copy, install (uv, warm) and a green suite, SQLite sample"
    return [at_most("P7", name, total, GOAL_SECONDS, "s")]


def adopt() -> Copied:
    """Adopt the harness once.

    Raises:
        RuntimeError: The suite was not green, so that a duration would mean nothing.
    """
    make_room(DESTINATION)
    copied = copy(["--data-file", str(ANSWERS)], DESTINATION, say=lambda line: None)
    if not copied.green:
        raise RuntimeError("\n".join(["The suite of the sample is not green:", *copied.output]))
    return copied
