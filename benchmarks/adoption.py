"""P7: from `copier copy` into an empty directory to a green suite, as a multiple of a floor.

The floor does the same with nothing in it: `copier copy` of a template with one file, the same
packages in a new environment, and as many tests that import the same application and do nothing.
Both take turns within one run, because how fast a shared machine is changes from minute to minute.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from benchmarks import CORES, DISK, ROOT, Row, at_most
from tests.worlds import build_tree, commit_all, copier, run
from tools.demo import BUILD, Copied, copy, make_room
from tools.environments import UV

ROWS = ["P7"]
GOAL = 1.5
RUNS = 5
PARTS = ("render", "environment", "suite", "total")

ANSWERS = Path("examples/answers/fastapi-async-sqlite.yml")
FOLDER = BUILD / "benchmarks" / "adoption"
OURS = FOLDER / "ours"


def measure() -> list[Row]:
    """Return the row, and print what the parts took on both sides."""
    make_room(FOLDER)
    with mock.patch.dict(os.environ):
        # Warm means that Python has compiled Copier, and that uv has every package in its cache.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        floor = Floor.beside(adopt())
        floor.reach()
        runs = [(adopt(), floor.reach()) for _ in range(RUNS)]
    spent = {
        part: tuple(statistics.median(getattr(side, part) for side in sides) for sides in columns)
        for columns in [list(zip(*runs, strict=True))]
        for part in PARTS
    }
    print(f"P7: {runs[0][0].counts}; medians of {RUNS} runs, ours and the floor:")
    for part, (ours, least) in spent.items():
        more = (ours - least) / (spent["total"][0] - spent["total"][1])
        print(f"    {part:12}{ours:6.2f} s{least:6.2f} s  {ours / least:5.2f}  {more:4.0%} of more")
    shown = ", ".join(f"{part} {ours:.1f}/{least:.1f} s" for part, (ours, least) in spent.items())
    name = f"copy, install (uv, warm) and a green suite / the same with nothing in it ({shown})"
    measured = [ours.total / least.total for ours, least in runs]
    return [at_most("P7", name, measured, GOAL, depends=(CORES, DISK))]


def adopt() -> Copied:
    """Adopt the harness once.

    Raises:
        RuntimeError: The suite was not green, so that a duration would mean nothing.
    """
    make_room(OURS)
    copied = copy(["--data-file", str(ANSWERS)], OURS, say=lambda line: None)
    if not copied.green:
        raise RuntimeError("\n".join(["The suite of the sample is not green:", *copied.output]))
    return copied


@dataclass(frozen=True)
class Reached:
    """How many seconds the parts of the floor took."""

    render: float
    environment: float
    suite: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.render + self.environment + self.suite


@dataclass(frozen=True)
class Floor:
    """What nobody can do without.

    Args:
        template: A repository with a template of one file.
        packages: What is installed.
        tests: How many tests there are.
    """

    template: Path
    packages: list[str]
    tests: int

    @classmethod
    def beside(cls, adopted: Copied) -> Floor:
        """Return the floor of what was adopted a moment ago."""
        template = build_tree(FOLDER / "template", {"copier.yml": "{}\n", "README.md": "Empty.\n"})
        commit_all(template)
        frozen = run(UV, "pip", "freeze", "--python", OURS / ".venv", cwd=FOLDER).stdout
        packages = [
            f"test-harness @ {ROOT.as_uri()}" if line.startswith("test-harness ") else line
            for line in frozen.splitlines()
            if re.match(r"\S+(==| @ )", line)
        ]
        return cls(template, packages, adopted.passed + adopted.skipped)

    def reach(self) -> Reached:
        """Do it once."""
        project = FOLDER / "floor"
        make_room(project)
        began = time.perf_counter()
        copier("copy", "--trust", "--defaults", self.template, project, cwd=FOLDER)
        rendered = time.perf_counter()
        run(UV, "venv", "--quiet", "--python", sys.executable, project / ".venv", cwd=project)
        python = project / ".venv" / "bin" / "python"
        run(UV, "pip", "install", "--quiet", "--python", python, *self.packages, cwd=project)
        installed = time.perf_counter()
        self._write_suite(project)
        written = time.perf_counter()
        run(python, "-m", "pytest", "-q", cwd=project)
        return Reached(rendered - began, installed - rendered, time.perf_counter() - written)

    def _write_suite(self, project: Path) -> None:
        shutil.copytree(OURS / "app", project / "app", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy2(OURS / ".env.example", project / ".env")
        tests = "".join(
            f"\n\ndef test_{number}() -> None:\n    pass\n" for number in range(self.tests)
        )
        build_tree(
            project,
            {
                "pytest.ini": "[pytest]\npythonpath = .\naddopts = -p no:asyncio\n",
                "test_nothing.py": f"import app.main{tests}",
            },
        )
