"""Keeps the results of runs: the last one, what each test came to last, and figures of the past."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from test_harness.errors import HarnessError
from test_harness.suite.results.place import HISTORY, LAST, RUN
from test_harness.suite.results.run import Run, Test

# How many runs are remembered, and how many bytes of them at most.
MOST_RUNS = 30
MOST_BYTES = 8_000_000
# How many tests are remembered that no longer run.
MOST_TESTS = 20_000


def keep(run: Run, folder: Path) -> None:
    """Keep a run beside those before it.

    Args:
        run: Its results.
        folder: Where they are kept; it is there.
    """
    write(folder / RUN, json.dumps(run))
    known = {it["id"]: it for it in read_last(folder)}
    for test in run["tests"]:
        # Those of now stand last.
        known.pop(test["id"], None)
        known[test["id"]] = test
    write(folder / LAST, json.dumps([*known.values()][-MOST_TESTS:]))
    lines = [*_lines(folder / HISTORY), json.dumps(_figures(run))][-MOST_RUNS:]
    while len(lines) > 1 and sum(map(len, lines)) > MOST_BYTES:
        del lines[0]
    write(folder / HISTORY, "\n".join(lines) + "\n")


def write(path: Path, text: str) -> None:
    """Write a file as a whole or not at all, whoever else writes it at the same time."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def write_results(run: Run, path: Path) -> None:
    """Write the results where somebody wants them, for people to read as well.

    Args:
        run: The results.
        path: The file; its folder is made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, json.dumps(run, indent=1) + "\n")


def read_run(folder: Path) -> Run:
    """Return the results of the last run.

    Raises:
        HarnessError: There are none.
    """
    run: Run | None = _read(folder / RUN)
    if run is None:
        raise HarnessError(
            f"No run has left its results in {folder}.",
            "Run the tests once, `make test`, without `-p no:cacheprovider`.",
        )
    return run


def read_last(folder: Path) -> list[Test]:
    """Return what each test came to when it ran last; nothing if none did."""
    return _read(folder / LAST) or []


def read_history(folder: Path) -> list[dict[str, Any]]:
    """Return the figures of the runs that are remembered, the oldest first."""
    return [run for line in _lines(folder / HISTORY) if (run := _decoded(line)) is not None]


def _read(path: Path) -> Any:
    return _decoded("\n".join(_lines(path)))


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def _decoded(text: str) -> Any:
    """Return what a text says; None for what was cut short, which is no reason to fail."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def _figures(run: Run) -> dict[str, Any]:
    return {
        "began": run["began"],
        "seconds": run["seconds"],
        "seed": run["seed"],
        "totals": run["totals"],
        "tests": {it["id"]: _of_test(it) for it in run["tests"]},
    }


def _of_test(test: Test) -> list[Any]:
    """Return what is remembered of a test: its outcome, and what it cost."""
    cost = test["cost"] or {}
    names = ("seconds", "megabytes", "statements", "requests")
    return [test["outcome"], *(cost.get(name) for name in names)]
