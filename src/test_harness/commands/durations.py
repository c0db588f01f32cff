"""Write down how long tests take, so that shards of the suite have alike much to do.

`durations.json` in the folder of the tests is for the repository. Tests that are not in it count as
much as the mean of the others.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from test_harness.errors import HarnessError
from test_harness.project import suite_dir


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add where the durations are read."""
    parser.add_argument(
        "results",
        nargs="?",
        type=Path,
        metavar="RESULTS",
        help="results of a run, such as CI keeps them (what ran here last)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the file."""
    from test_harness.suite.results import keeping, place
    from test_harness.suite.shards.splitting import FILE, durations_text

    tests = _read(arguments.results) if arguments.results else keeping.read_last(place.kept_in())
    if not tests:
        raise HarnessError("No test has run here yet.", "Run the tests once, `make test`.")
    path = suite_dir() / FILE
    keeping.write(path, durations_text(tests))
    print(f"{len(tests)} tests: {path}")
    return 0


def _read(path: Path) -> list[dict[str, object]]:
    try:
        return list(json.loads(path.read_text(encoding="utf-8"))["tests"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HarnessError(
            f"{path} has no results of a run: {error!r}.",
            "Name a file that `pytest --results FILE` or `test-harness shards` has written.",
        ) from None
