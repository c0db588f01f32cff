"""P11: how long one test alone takes, with the harness and without, beside 50 and 500 models.

Without it the schema is made by `create_all` in memory, and nothing is isolated. Both are whole
processes of pytest and take turns; Python has compiled everything, and the harness has kept what it
keeps between runs.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from pathlib import Path

from benchmarks import Plot, Row, at_most, medians
from benchmarks.application import render_around
from tests.worlds import build_tree, clone_template, run
from tools.demo import BUILD, make_room
from tools.environments import suite_environment

ROWS = ["P11"]
GOAL = 1.3
RUNS = 7
MODELS = (50, 500)

PEERS = Path(__file__).resolve().parent / "peers"
FOLDER = BUILD / "benchmarks" / "startup"
ADDRESS = "sqlite+pysqlite:///:memory:"

MODEL = """

class Thing{number}(Base):
    __tablename__ = "things_{number}"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    price: Mapped[int]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    user: Mapped[User] = relationship()
"""


def measure() -> list[Row]:
    """Return a row for each number of models."""
    make_room(FOLDER)
    python = suite_environment(FOLDER / "environment")
    template = clone_template(FOLDER / "template", "99.0.0")
    rows = []
    lines: dict[str, dict[int, float]] = {"with the harness": {}, "without": {}}
    for models in MODELS:
        with_harness, without = write(template, models)
        start(python, with_harness)
        start(python, without)
        runs = [(start(python, with_harness), start(python, without)) for _ in range(RUNS)]
        lines["with the harness"][models], lines["without"][models] = ours, plain = medians(runs)
        measured = [one / other for one, other in runs]
        name = f"one test alone, {models} models: with the harness / without"
        shown = f"{name} ({ours:.2f}/{plain:.2f} s)"
        rows.append(at_most(f"P11-{models:03}", shown, measured, GOAL))
    return [*rows[:-1], replace(rows[-1], plot=Plot("One test alone", "models", "s", lines))]


def write(template: Path, models: int) -> tuple[Path, Path]:
    """Write the same application and the same test, with the harness and without."""
    with_harness, without = FOLDER / f"harness-{models}", FOLDER / f"plain-{models}"
    shutil.copytree(PEERS / "plain_sync", without)
    build_tree(without, {"pytest.ini": "[pytest]\naddopts = -p no:asyncio\n"})
    body = (PEERS / "body_sync.py").read_text(encoding="utf-8")
    test = body.replace("def test_user()", "def test_user(engine: Any)")
    for folder in (with_harness, without):
        shutil.copytree(PEERS / "app", folder / "app")
        with (folder / "app" / "models.py").open("a", encoding="utf-8") as file:
            file.write("\n\nfrom sqlalchemy.orm import relationship\n")
            file.writelines(MODEL.format(number=number + 1000) for number in range(models - 1))
    render_around(template, with_harness, f"benchmark-{models}")
    build_tree(with_harness, {"tests/test_one.py": test})
    build_tree(without, {"tests/test_one.py": test})
    return with_harness, without


def start(python: Path, folder: Path) -> float:
    """Run the test in a process of its own and return how many seconds that took."""
    began = time.perf_counter()
    run(
        python, "-m", "pytest", "-q", "tests/test_one.py::test_user",
        cwd=folder,
        DATABASE_URL=ADDRESS,
        PYTHONPATH=str(folder),
        TABLES="1",
    )  # fmt: skip
    return time.perf_counter() - began
