"""P6: what a client that is logged in costs, as a multiple of an anonymous one."""

from __future__ import annotations

import json
import shutil

from benchmarks import ROOT, Row, at_most, medians
from tests.worlds import clone_template, render, run
from tools.demo import BUILD, make_room
from tools.environments import suite_environment

ROWS = ["P6"]
RUNS = 5
GOAL = 1.1

MEMBERS = ROOT / "benchmarks" / "peers" / "members"
FOLDER = BUILD / "benchmarks" / "authentication"


def measure() -> list[Row]:
    """Return the row: ratios of the medians within a run."""
    make_room(FOLDER)
    python = suite_environment(FOLDER / "environment")
    template = clone_template(FOLDER / "template", "v99.0.0")
    project = FOLDER / "project"
    project.mkdir(parents=True)
    shutil.copy2(MEMBERS / "main.py", project)
    render(template, project)
    run(python, "-m", "pytest", "-qq", "-s", "--write-factories", cwd=project)
    shutil.copy2(MEMBERS / "test_clients.py", project / "tests")
    runs = []
    for _ in range(RUNS):
        run(python, "-m", "pytest", "-q", "tests/test_clients.py", cwd=project)
        runs.append(json.loads((project / "clients.json").read_text()))
    anonymous, authenticated = medians(runs)
    name = (
        "a client that is logged in, and a request of it / an anonymous one "
        f"({authenticated:.2f}/{anonymous:.2f} ms; async, JWT)"
    )
    return [at_most("P6", name, [one / other for other, one in runs], GOAL)]
