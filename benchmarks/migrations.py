"""P4: how long all checks of the migrations take, as a multiple of their own DDL; beside peers.

The floor is what the same run sends to change its databases, sent once more by the bare driver.
Each figure is the median of several runs of pytest, as pytest itself counts them. The peers do
less: pytest-alembic runs its four tests, and the usual recipe goes up, down and up by
`alembic.command`. pytest-alembic cannot be collected by pytest 9.2, so it has an environment of
its own.
"""

from __future__ import annotations

import re
import shutil
import statistics
import sys
from pathlib import Path

from benchmarks import CORES, DISK, LOOPBACK, Plot, Row, at_least, at_most, ratios
from benchmarks.provisioning import ENV_PY, TABLES, revision
from tests.worlds import build_tree, clone_template, render, run
from tools.demo import BUILD, make_room
from tools.environments import suite_environment

ROWS = ["P4"]
DRIVERS = {"sqlite": "pysqlite", "postgresql": "psycopg"}
GOALS = {"sqlite": 2.0, "postgresql": 1.5}
DEPENDS = {"sqlite": (CORES, DISK), "postgresql": (CORES, DISK, LOOPBACK)}
GOAL_GROWTH = 6
GOAL_PEER = 6
RUNS = 5
REVISIONS = (10, 100, 500, 1000)

WITH_MODELS = ENV_PY.replace("import context", "import context\n\nimport models").replace(
    "connection=connection", "connection=connection, target_metadata=models.metadata"
)

CHECKS = "tests/checks/test_migrations.py"
FOLDER = BUILD / "benchmarks" / "migrations"
PEERS = Path(__file__).resolve().parent / "peers" / "migrations"
SERVER = "postgresql+psycopg://postgres@127.0.0.1:5432"
PEER_PACKAGES = ["pytest<9", "pytest-alembic", "alembic", "sqlalchemy", "psycopg[binary]"]


def measure() -> list[Row]:
    """Return the rows of each engine."""
    make_room(FOLDER)
    python = suite_environment(FOLDER / "environment")
    peer = peer_environment(FOLDER / "peer-environment")
    template = clone_template(FOLDER / "template", "99.0.0")
    for engine in DRIVERS:
        for revisions in REVISIONS:
            write(template, engine, revisions)
    return [row for engine in DRIVERS for row in of_engine(python, peer, engine)]


def of_engine(python: Path, peer: Path, engine: str) -> list[Row]:
    """Return the rows of an engine, whose sides take turns."""

    def ours(revisions: int) -> float:
        return seconds(python, CHECKS, engine, revisions)

    def theirs(revisions: int) -> float:
        return seconds(peer, "peers/test_pytest_alembic.py", engine, revisions)

    def stepwise(revisions: int) -> float:
        return seconds(peer, "peers/test_command_per_step.py", engine, revisions)

    record(python, engine)
    # In the first runs Python compiles.
    few = {10: theirs(10), 100: theirs(100)}
    grown = {revisions: ours(revisions) for revisions in REVISIONS}
    stepwise(10)
    turns = [
        (ours(10), ours(100), stepwise(100), ours(500), replay(python, engine, 500), theirs(500))
        for _ in range(RUNS)
    ]
    ten, hundred, steps, all_checks, floor, alembic = zip(*turns, strict=True)
    taken = {10: ten, 100: hundred, 500: all_checks}
    lines = {
        "ours": {**grown, **{number: statistics.median(it) for number, it in taken.items()}},
        "pytest-alembic": {**few, 500: statistics.median(alembic)},
    }
    shown = f"{lines['ours'][500]:.2f}/{statistics.median(floor):.2f} s"
    depends = DEPENDS[engine]
    plot = Plot(f"All checks of the migrations, {engine}", "revisions", "s", lines)
    return [
        at_most(
            f"P4-{engine}",
            f"all checks of 500 revisions / their DDL by the bare driver, {engine} ({shown})",
            ratios(all_checks, floor),
            GOALS[engine],
            depends=depends,
        ),
        at_most(
            f"P4-growth-{engine}",
            f"500 revisions / 100 revisions, {engine}",
            ratios(all_checks, hundred),
            GOAL_GROWTH,
            depends=depends,
            plot=plot,
        ),
        at_least(
            f"P4-pytest-alembic-{engine}",
            f"pytest-alembic / ours at 500 revisions, {engine}",
            ratios(alembic, all_checks),
            GOAL_PEER,
            depends=depends,
        ),
        at_least(
            f"P4-command-{engine}",
            f"alembic.command per step / ours at 100 revisions, {engine}",
            ratios(steps, hundred),
            GOAL_PEER,
            depends=depends,
        ),
    ]


def record(python: Path, engine: str, revisions: int = 500) -> None:
    """Write down what the checks send to change databases."""
    run(
        python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "recorder", CHECKS,
        cwd=FOLDER / f"{engine}-{revisions}", PYTHONPATH="peers", RECORDED="recorded.json",
    )  # fmt: skip


def replay(python: Path, engine: str, revisions: int) -> float:
    """Return how many seconds the bare driver takes for what the checks were recorded to send."""
    done = run(
        python, "peers/replay.py",
        cwd=FOLDER / f"{engine}-{revisions}", PEER_URL=address(engine), RECORDED="recorded.json",
    )  # fmt: skip
    found = re.search(r"replayed in ([\d.]+) s", done.stdout)
    assert found, done.stdout
    return float(found[1])


def address(engine: str) -> str:
    """Return where the peers work."""
    return "sqlite:///peer.sqlite3" if engine == "sqlite" else f"{SERVER}/benchmark_peer"


def peer_environment(folder: Path) -> Path:
    """Make the environment of the peers and return its interpreter."""
    uv = Path(sys.executable).parent / "uv"
    run(uv, "venv", "--quiet", "--python", sys.executable, folder, cwd=FOLDER)
    python = folder / "bin" / "python"
    run(uv, "pip", "install", "--quiet", "--python", python, *PEER_PACKAGES, cwd=FOLDER)
    return python


def write(template: Path, engine: str, revisions: int) -> None:
    """Write a project with its history, the harness around it and the peers beside it."""
    folder = FOLDER / f"{engine}-{revisions}"
    driver = DRIVERS[engine]
    url = f"{engine}+{driver}://{'/' if engine == 'sqlite' else 'production.invalid'}/app"
    numbers = range(1, revisions + 1)
    build_tree(
        folder,
        {
            "alembic.ini": "[alembic]\nscript_location = migrations\n"
            f"path_separator = os\nprepend_sys_path = .\nsqlalchemy.url = {url}\n",
            "migrations/env.py": WITH_MODELS,
            "models.py": models(revisions),
            **{
                f"migrations/versions/{number:04}.py": f'"""Step {number}."""\n{revision(number)}'
                for number in numbers
            },
        },
    )
    render(
        template, folder, questions="everything", project=f"benchmark-{revisions}",
        framework="fastapi", app_path="models:metadata", metadata_path="models:metadata",
        database_engine=engine, mode="sync", database_driver=driver, auth="none",
        migrations="alembic.ini", suites=["migrations"], ci_provider="none",
    )  # fmt: skip
    shutil.copytree(PEERS, folder / "peers")
    # Nothing is accepted: a healthy history is what is measured.
    (folder / "tests" / "migration_baseline.txt").unlink()


def models(revisions: int) -> str:
    """Return the models that the history leads to."""
    columns = {f"table_{number % TABLES}": ["id"] for number in range(1, TABLES + 1)}
    for number in range(TABLES + 1, revisions + 1):
        columns[f"table_{number % TABLES}"].append(f"column_{number}")
    lines = ["import sqlalchemy as sa", "", "metadata = sa.MetaData()"]
    for table, names in columns.items():
        rest = "".join(f', sa.Column("{name}", sa.Integer)' for name in names[1:])
        lines.append(
            f'sa.Table("{table}", metadata, sa.Column("id", sa.Integer, primary_key=True){rest})'
        )
    return "\n".join([*lines, ""])


def seconds(python: Path, tests: str, engine: str, revisions: int) -> float:
    """Return how many seconds the tests take, as pytest counts them."""
    peers = ["-c", "/dev/null", "--rootdir", "."] if tests.startswith("peers") else []
    done = run(
        python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *peers, tests,
        cwd=FOLDER / f"{engine}-{revisions}",
        PYTHONDONTWRITEBYTECODE="",
        PEER_URL=address(engine),
    )  # fmt: skip
    found = re.search(r"\d+ passed.* in ([\d.]+)s", done.stdout)
    assert found, done.stdout
    return float(found[1])
