"""Runs four samples in random orders, alone and with two workers, until one of them is red.

    python -m tools.orders                 200 runs
    python -m tools.orders --runs 20       as many as that
    python -m tools.orders --load 2        while as many processes keep the processors busy

The cells are rendered once: SQLite and PostgreSQL asynchronous, PostgreSQL and MySQL synchronous.
Each run has an order of its own, from a seed that is said with how it ended, and with its output
where it is red; it counts as red as well when it takes longer than ten minutes, or leaves a
database behind. The closing line is `green N of N`.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.worlds import clone_template, environment, render
from tools.environments import suite_environment
from tools.kills import databases_named

CELLS = (
    ("sqlite", "async", "aiosqlite"),
    ("postgresql", "async", "psycopg"),
    ("postgresql", "sync", "psycopg"),
    ("mysql", "sync", "pymysql"),
)
RUNS = 200
# A run takes seconds: one that takes this long hangs.
SECONDS = 600
# Alone, and beside another one.
WORKERS = ((), ("-n", "2"))
# A busy process of the least priority there is would leave the runs alone.
BUSY = "while True: pass"


class Cell:
    """A sample that is rendered once, and run as often as one likes.

    Args:
        template: A clone of the template.
        folder: Where to, empty.
        kind: The engine of its database, its mode, and the driver.
        python: Has what it needs.
    """

    def __init__(
        self, template: Path, folder: Path, kind: tuple[str, str, str], python: Path
    ) -> None:
        engine, mode, driver = kind
        self.engine, self.name = engine, f"orders_{engine}_{mode}"
        self._python = python
        self._project = render(
            template, folder / self.name, questions="everything", auth="jwt_bearer", mode=mode,
            database_engine=engine, database_driver=driver,
        )  # fmt: skip

    def run(self, seed: int, *options: str) -> tuple[bool, str]:
        """Run the suite in the order of a seed; return whether it is green, and what it printed."""
        suite = subprocess.Popen(
            [self._python, "-m", "pytest", "-q", "tests", f"--seed={seed}", *options],
            # Nothing that keeps the order as it is written.
            cwd=self._project, env={**environment(), "PYTEST_ADDOPTS": ""}, start_new_session=True,
            text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            printed, _ = suite.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(suite.pid, signal.SIGKILL)
            printed, _ = suite.communicate()
            return False, f"{printed}\nit did not end within {SECONDS} seconds"
        return suite.returncode == 0, printed

    def databases(self) -> set[str]:
        """Return the databases that there are of it, but for the template that is kept."""
        named = databases_named(self.engine, self.name, self._project, self._python)
        return {name for name in named if "_template_" not in name}


@contextmanager
def load(processes: int) -> Iterator[None]:
    """Within the block some processes do nothing but keep the processors busy."""
    busy = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(processes)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cells in turn and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.orders", description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--load", type=int, default=0, help="how many processes are busy beside it")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    given = parser.parse_args(arguments)
    print(f"seed {given.seed}", flush=True)
    chance = random.Random(given.seed)
    green = 0
    with tempfile.TemporaryDirectory(prefix="orders-") as scratch, load(given.load):
        folder = Path(scratch)
        folder.chmod(0o755)
        template = clone_template(folder / "template", "v99.0.0")
        python = suite_environment(folder / "environment" / ".venv")
        cells = [Cell(template, folder, cell, python) for cell in CELLS]
        turns = itertools.cycle(itertools.product(WORKERS, cells))
        for number, (options, cell) in zip(range(given.runs), turns, strict=False):
            seed, begun = chance.randrange(1 << 32), time.monotonic()
            is_green, printed = cell.run(seed, *options)
            left = cell.databases()
            green += is_green and not left
            said = f"{'green' if is_green else 'RED'}{f', left {sorted(left)}' if left else ''}"
            taken = f"{time.monotonic() - begun:.1f} s"
            which = " ".join((cell.name, f"--seed={seed}", *options))
            print(f"  {number + 1}: {which}: {said}, {taken}", flush=True)
            if not is_green:
                print(printed, flush=True)
    print(f"green {green} of {given.runs}")
    return 0 if green == given.runs else 1


if __name__ == "__main__":
    sys.exit(main())
