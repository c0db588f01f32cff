"""Render the supported combinations of answers as a user would, and run each suite.

    python -m tools.matrix               every cell
    python -m tools.matrix psycopg2      the cells whose names contain a word
    python -m tools.matrix s0-           one of the systems of docs/requirements.md
    python -m tools.matrix backends      the backends of tests/backends, each adopted

The output of a cell is kept in build/matrix, beside its project. The exit status is 0 when every
cell is green.
"""

from __future__ import annotations

import argparse
import itertools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from extensions.questions.support import DRIVERS, SAMPLE_MODES, SUPPORTED
from tools.demo import BUILD, ROOT, Copied, copy, make_room, say

BACKENDS = "backends"
FOLDER = BUILD / "matrix"
SHOWN_WHEN_RED = 25

# The ways to log in that every driver is tried with.
DRIVERS_WITH = ("jwt_bearer", "none")


@dataclass(frozen=True)
class Cell:
    """One supported combination of answers."""

    framework: str
    engine: str
    mode: str
    driver: str
    auth: str

    @property
    def name(self) -> str:
        """What the cell is called in the table and on disk."""
        return "-".join((self.framework, self.engine, self.mode, self.driver, self.auth))

    @property
    def answers(self) -> dict[str, str]:
        """The answers that make it; the driver is only asked for with every question."""
        return {
            "questions": "everything",
            "sample_application": "true",
            "framework": self.framework,
            "database_engine": self.engine,
            "mode": self.mode,
            "database_driver": self.driver,
            "auth": self.auth,
        }

    @property
    def given(self) -> list[str]:
        """What Copier is told."""
        return [part for item in self.answers.items() for part in ("--data", "=".join(item))]


@dataclass(frozen=True)
class System:
    """One of the systems of docs/requirements.md, by its file of answers."""

    file: Path

    @property
    def name(self) -> str:
        """What the system is called in the table and on disk."""
        return self.file.stem

    @property
    def given(self) -> list[str]:
        """What Copier is told."""
        return ["--data-file", str(self.file)]

    @property
    def backend(self) -> Path | None:
        """The backend that it is rendered into; None where it is the sample."""
        named = re.search(r"\((tests/backends/\w+)\)", self.file.read_text(encoding="utf-8"))
        return ROOT / named[1] if named else None

    def begin(self, folder: Path) -> None:
        """Write what is there before the harness comes."""
        if self.backend is not None:
            # As a team keeps it: what is ignored by git is not there.
            shutil.copytree(
                self.backend, folder, ignore=shutil.ignore_patterns("__pycache__", ".*_cache")
            )


def systems() -> Iterator[System]:
    """Yield the systems of docs/requirements.md."""
    for file in sorted((ROOT / "examples" / "answers").glob("s[0-9]-*.yml")):
        yield System(file)


def chosen(word: str) -> list[Cell | System]:
    """Return the cells, the systems last, whose names contain a word."""
    every: list[Cell | System] = [*cells(), *systems()]
    return [cell for cell in every if word in cell.name]


def cells() -> Iterator[Cell]:
    """Yield every cell that the lists in extensions/questions/support.py promise.

    Drivers and ways to log in have nothing to do with each other: every driver is there with
    FastAPI and two ways, every way with SQLite, and every framework with every engine.
    """
    for framework, modes in SAMPLE_MODES.items():
        for engine, mode in itertools.product(SUPPORTED["database_engine"], modes):
            for driver, auth in itertools.product(DRIVERS[engine, mode], SUPPORTED["auth"]):
                first_driver = driver == DRIVERS[engine, mode][0]
                if (
                    (engine == "sqlite" and first_driver)
                    or (framework == "fastapi" and auth in DRIVERS_WITH)
                    or (first_driver and auth == DRIVERS_WITH[0])
                ):
                    yield Cell(framework, engine, mode, driver, auth)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cells and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.matrix", description=__doc__)
    parser.add_argument("word", nargs="?", default="", help="only cells whose names contain it")
    word = parser.parse_args(arguments).word
    named = chosen(word)
    width = max((len(cell.name) for cell in named), default=0)
    green = 0
    for cell in named:
        copied = run(cell)
        green += copied.green
        say(f"{cell.name:{width}}  {ending(copied)}")
        if not copied.green:
            for line in copied.output[-SHOWN_WHEN_RED:]:
                say(f"    {line}")
    say(f"{green} of {len(named)} cells green")
    adopted = word not in BACKENDS or adopt_all()
    ran = named or word == BACKENDS
    return 0 if adopted and ran and green == len(named) else 1


def adopt_all() -> bool:
    """Adopt every backend of tests/backends that this Python can import, and run its suite."""
    command = [sys.executable, "-m", "pytest", "-q", "tests/adoption/test_adoption_backends.py"]
    done = subprocess.run(command, env={**os.environ, "ADOPTED_BACKENDS": "all"}, check=False)
    say(f"backends {'green' if done.returncode == 0 else 'NOT GREEN'}")
    return done.returncode == 0


def run(cell: Cell | System) -> Copied:
    """Render a cell into build/matrix and run its suite."""
    destination = FOLDER / cell.name
    make_room(destination)
    FOLDER.mkdir(parents=True, exist_ok=True)
    if isinstance(cell, System):
        cell.begin(destination)
    copied = copy(cell.given, destination, say=lambda line: None)
    (FOLDER / f"{cell.name}.log").write_text("\n".join(copied.output) + "\n", encoding="utf-8")
    return copied


def ending(copied: Copied) -> str:
    """Return the rest of a cell's line."""
    if copied.green:
        return f"{copied.counts:24}  {copied.total:5.1f} s"
    return f"NOT GREEN, exit status {copied.status}, {copied.total:.1f} s"


if __name__ == "__main__":
    sys.exit(main())
