"""P9: rows a second from factories, and the classes that they save rows of, beside the peers.

Rates are rows for each second of processor time, medians of turns taken within one process. What
peers save is what they save out of the box, in the zoo of this project's own tests.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from benchmarks import ROOT, Row, at_least, ratios
from tests.worlds import clone_template, render, run
from tools.demo import BUILD, make_room
from tools.environments import LAYERS, suite_environment

ROWS = ["P9"]
GOAL_BY_HAND = 0.8
GOAL_PEER = 5

PEERS = Path(__file__).resolve().parent / "peers" / "factories"
ZOO = ROOT / "tests" / "zoo" / "zoo"
FOLDER = BUILD / "benchmarks" / "factories"


def measure() -> list[Row]:
    """Return a row for each ratio, and one for the classes of the zoo that each library saves."""
    make_room(FOLDER)
    python = suite_environment(FOLDER / "environment", "python3", *LAYERS, "polyfactory")
    template = clone_template(FOLDER / "template", "99.0.0")
    seconds = figures(python, template, PEERS / "shop", "shop.models:Base", "measure.py")
    saved = figures(python, template, ZOO, "zoo.models:Base", "saved.py")
    classes = saved["classes"]
    return [
        *(
            at_least(
                id,
                f"rows a second: factories / {name}",
                ratios(seconds[peer], seconds["harness"]),
                goal,
            )
            for id, name, peer, goal in (  # noqa: A001
                ("P9a", "constructors and one flush", "by hand", GOAL_BY_HAND),
                ("P9b", "factory_boy with Faker", "factory_boy", GOAL_PEER),
                ("P9c", "polyfactory", "polyfactory", GOAL_PEER),
            )
        ),
        at_least("P9d", "classes of the zoo that are saved", [saved["harness"]], classes),
        *(
            Row(
                id, f"the same by {peer} out of the box", saved[peer], f"< {classes}",
                saved[peer] < classes,
            )
            for id, peer in (("P9e", "factory_boy"), ("P9f", "polyfactory"))  # noqa: A001
        ),
    ]  # fmt: skip


def figures(
    python: Path, template: Path, application: Path, metadata: str, script: str
) -> dict[str, Any]:
    """Return what a script prints that runs beside an application and its harness."""
    project = FOLDER / application.name
    shutil.copytree(
        application, project / application.name, ignore=shutil.ignore_patterns("__pycache__")
    )
    render(
        template, project, questions="everything", framework="none", auth="none",
        metadata_path=metadata, database_engine="sqlite", mode="sync", database_driver="pysqlite",
    )  # fmt: skip
    # Above the tests, where `factories` is nothing but what tests would find.
    shutil.copy(PEERS / script, project / script)
    paths = f"{project / 'tests'}:{project}"
    found: dict[str, Any] = json.loads(
        run(python, script, cwd=project, PYTHONPATH=paths, ZOO_ENGINE="sqlite").stdout.splitlines()[
            -1
        ]
    )
    return found
