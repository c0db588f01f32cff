"""P5: how long a worker waits for its database, at 10, 100 and 500 revisions.

Each figure is the median of several processes, as each worker of a run is one: from knowing the
settings, with the application imported, to an empty database with the newest schema. Warm means
that Python has compiled the revisions, and that an earlier run has left behind whatever the harness
keeps between runs.
"""

from __future__ import annotations

import re
import shutil
import statistics
from pathlib import Path

from benchmarks import Row, at_most
from tests.worlds import build_tree, clone_template, render, run
from tools.demo import BUILD, make_room
from tools.environments import suite_environment

ROWS = ["P5"]
GOAL_SECONDS = 0.35
RUNS = 5
REVISIONS = (10, 100, 500)
TABLES = 10
DRIVERS = {"sqlite": "pysqlite", "postgresql": "psycopg", "mysql": "pymysql"}

APPLICATION = Path(__file__).resolve().parent / "peers" / "app"
FOLDER = BUILD / "benchmarks" / "provisioning"

ENV_PY = """\
from alembic import context
from sqlalchemy import create_engine, pool

engine = create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
REVISION = """\
import sqlalchemy as sa
from alembic import op

revision = "{number:04}"
down_revision = {previous}


def upgrade():
    {upgrade}


def downgrade():
    {downgrade}
"""
MEASUREMENT = """\
import time

from test_harness.runtime.process import runtime


def test_a_database_is_made():
    runtime().application()
    began = time.perf_counter()
    runtime().ensure_database()
    print(f"provisioned in {time.perf_counter() - began:.6f} s")
"""


def measure() -> list[Row]:
    """Return a row for each engine and number of revisions."""
    make_room(FOLDER)
    python = suite_environment(FOLDER / "environment")
    template = clone_template(FOLDER / "template", "99.0.0")
    durations: dict[tuple[str, int], list[float]] = {}
    for engine in DRIVERS:
        write(template, engine)
        for revisions in REVISIONS:
            provision(python, engine, revisions)
    for _ in range(RUNS):
        for engine in DRIVERS:
            for revisions in REVISIONS:
                taken = provision(python, engine, revisions)
                durations.setdefault((engine, revisions), []).append(taken)
    return [
        at_most(
            f"P5-{engine}-{revisions:03}",
            f"a warm worker database, {engine}, {revisions} revisions",
            statistics.median(values),
            GOAL_SECONDS,
            "s",
        )
        for (engine, revisions), values in durations.items()
    ]


def folder_of(engine: str, revisions: int) -> Path:
    """Return where a project lies."""
    return FOLDER / f"{engine}-{revisions}"


def write(template: Path, engine: str) -> None:
    """Write a project for each number of revisions, with the harness rendered around it."""
    folder = FOLDER / engine
    driver = DRIVERS[engine]
    shutil.copytree(APPLICATION, folder / "app")
    url = f"{engine}+{driver}://{'/' if engine == 'sqlite' else 'production.invalid'}/app"
    files = {
        "alembic.ini": f"[alembic]\nscript_location = migrations\nsqlalchemy.url = {url}\n",
        "migrations/env.py": ENV_PY,
    }
    build_tree(folder, files)
    render(
        template,
        folder,
        questions="everything",
        project="benchmark",
        framework="fastapi",
        app_path="app.main:app",
        metadata_path="app.models:Base",
        database_engine=engine,
        mode="sync",
        database_driver=driver,
        auth="none",
        migrations="alembic.ini",
        suites=[],
        ci_provider="none",
    )
    build_tree(folder, {"tests/test_provisioning.py": MEASUREMENT})
    for revisions in REVISIONS:
        numbers = range(1, revisions + 1)
        versions = {f"migrations/versions/{number:04}.py": revision(number) for number in numbers}
        build_tree(shutil.copytree(folder, folder_of(engine, revisions)), versions)


def revision(number: int) -> str:
    """Return a revision: the first ones create a table each, the others add a column to one."""
    table = f"table_{number % TABLES}"
    upgrade = (
        f'op.create_table("{table}", sa.Column("id", sa.Integer, primary_key=True))'
        if number <= TABLES
        else f'op.add_column("{table}", sa.Column("column_{number}", sa.Integer))'
    )
    downgrade = (
        f'op.drop_table("{table}")'
        if number <= TABLES
        else f'op.drop_column("{table}", "column_{number}")'
    )
    previous = f'"{number - 1:04}"' if number > 1 else None
    return REVISION.format(number=number, previous=previous, upgrade=upgrade, downgrade=downgrade)


def provision(python: Path, engine: str, revisions: int) -> float:
    """Make the database in a process of its own and return how many seconds that took."""
    done = run(
        python, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", "tests/test_provisioning.py",
        cwd=folder_of(engine, revisions),
        PYTHONDONTWRITEBYTECODE="",
        # PostgreSQL keeps one template for each project, so that none may share its name.
        TEST_HARNESS_APPLICATION_PROJECT=f"benchmark-{revisions}",
    )  # fmt: skip
    found = re.search(r"provisioned in ([\d.]+) s", done.stdout)
    assert found, done.stdout
    return float(found[1])
