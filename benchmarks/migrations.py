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

from benchmarks import Row, at_least, at_most
from benchmarks.provisioning import ENV_PY, TABLES, revision
from tests.worlds import build_tree, clone_template, render, run
from tools.demo import BUILD, make_room
from tools.environments import suite_environment

ROWS = ["P4"]
DRIVERS = {"sqlite": "pysqlite", "postgresql": "psycopg"}
GOALS = {"sqlite": 2.0, "postgresql": 1.5}
GOAL_GROWTH = 6
GOAL_PEER = 6
RUNS = 5
REVISIONS = (10, 100, 500)

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
    ours = suite_environment(FOLDER / "environment")
    peer = peer_environment(FOLDER / "peer-environment")
    template = clone_template(FOLDER / "template", "99.0.0")
    rows = []
    for engine in DRIVERS:
        for revisions in REVISIONS:
            write(template, engine, revisions)
        taken = {revisions: median(ours, CHECKS, engine, revisions) for revisions in REVISIONS}
        ratio, floor = beside_the_floor(ours, engine)
        alembic = {
            revisions: median(peer, "peers/test_pytest_alembic.py", engine, revisions)
            for revisions in REVISIONS
        }
        stepwise = median(peer, "peers/test_command_per_step.py", engine, 100, runs=1)
        rows += [
            at_most(
                f"P4-{engine}",
                f"all checks of 500 revisions / their DDL by the bare driver, {engine} "
                f"({taken[500]:.2f}/{floor:.2f} s; 10: {taken[10]:.2f} s, 100: {taken[100]:.2f} s)",
                ratio,
                GOALS[engine],
            ),
            at_most(
                f"P4-growth-{engine}",
                f"500 revisions / 100 revisions, {engine}",
                taken[500] / taken[100],
                GOAL_GROWTH,
            ),
            at_least(
                f"P4-pytest-alembic-{engine}",
                f"pytest-alembic / ours at 500, {engine} (it takes {alembic[10]:.2f}, "
                f"{alembic[100]:.2f}, {alembic[500]:.2f} s)",
                alembic[500] / taken[500],
                GOAL_PEER,
            ),
            at_least(
                f"P4-command-{engine}",
                f"alembic.command per step / ours at 100, {engine}",
                stepwise / taken[100],
                GOAL_PEER,
            ),
        ]
    return rows


def beside_the_floor(python: Path, engine: str, revisions: int = 500) -> tuple[float, float]:
    """Return the median ratio of the checks to their floor, and the seconds of that."""
    run(
        python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "recorder", CHECKS,
        cwd=FOLDER / f"{engine}-{revisions}", PYTHONPATH="peers", RECORDED="recorded.json",
    )  # fmt: skip
    pairs = [
        (median(python, CHECKS, engine, revisions, runs=1), replay(python, engine, revisions))
        for _ in range(RUNS)
    ]
    ratio = statistics.median(ours / floor for ours, floor in pairs)
    return ratio, statistics.median(floor for _, floor in pairs)


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


def median(python: Path, tests: str, engine: str, revisions: int, runs: int = RUNS) -> float:
    """Return how many seconds the tests take; Python has compiled the revisions before."""
    peers = ["-c", "/dev/null", "--rootdir", "."] if tests.startswith("peers") else []
    taken = []
    for _ in range(runs + 1):
        done = run(
            python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *peers, tests,
            cwd=FOLDER / f"{engine}-{revisions}",
            PYTHONDONTWRITEBYTECODE="",
            PEER_URL=address(engine),
        )  # fmt: skip
        found = re.search(r"\d+ passed.* in ([\d.]+)s", done.stdout)
        assert found, done.stdout
        taken.append(float(found[1]))
    return statistics.median(taken[1:])
