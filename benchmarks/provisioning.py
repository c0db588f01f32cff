"""P5: how long a worker waits for its database, as a multiple of what the bare copy of one takes.

Each figure is the median of several processes, as each worker of a run is one: from knowing the
settings, with the application imported, to an empty database with the newest schema; the same
process then has the server copy that database. Warm means that Python has compiled the revisions,
and that an earlier run has left behind whatever the harness keeps between runs.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from benchmarks import CORES, DISK, LOOPBACK, Row, at_most, medians
from benchmarks.application import render_around
from tests.worlds import build_tree, clone_template, run
from tools.demo import BUILD, make_room
from tools.environments import suite_environment

ROWS = ["P5"]
GOAL = 1.3
RUNS = 5
REVISIONS = (10, 100, 500)
TABLES = 10
DRIVERS = {"sqlite": "pysqlite", "postgresql": "psycopg", "mysql": "pymysql"}
SERVER = (CORES, DISK, LOOPBACK)
DEPENDS = {"sqlite": (CORES, DISK), "postgresql": SERVER, "mysql": SERVER}

PEERS = Path(__file__).resolve().parent / "peers"
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


def measure() -> list[Row]:
    """Return a row for each engine and number of revisions."""
    make_room(FOLDER)
    python = suite_environment(FOLDER / "environment")
    template = clone_template(FOLDER / "template", "99.0.0")
    for engine in DRIVERS:
        write(template, engine)
        for revisions in REVISIONS:
            provision(python, engine, revisions)
    runs: dict[tuple[str, int], list[tuple[float, float]]] = {}
    for _ in range(RUNS):
        for engine in DRIVERS:
            for revisions in REVISIONS:
                runs.setdefault((engine, revisions), []).append(
                    provision(python, engine, revisions)
                )
    rows = []
    for (engine, revisions), pairs in runs.items():
        measured = [made / copied for made, copied in pairs]
        made, copied = (seconds * 1000 for seconds in medians(pairs))
        name = f"a warm worker database / its bare copy, {engine}, {revisions} revisions"
        shown = f"{name} ({made:.0f}/{copied:.0f} ms)"
        rows.append(
            at_most(f"P5-{engine}-{revisions:03}", shown, measured, GOAL, depends=DEPENDS[engine])
        )
    return rows


def folder_of(engine: str, revisions: int) -> Path:
    """Return where a project lies."""
    return FOLDER / f"{engine}-{revisions}"


def write(template: Path, engine: str) -> None:
    """Write a project for each number of revisions, with the harness rendered around it."""
    folder = FOLDER / engine
    driver = DRIVERS[engine]
    shutil.copytree(PEERS / "app", folder / "app")
    url = f"{engine}+{driver}://{'/' if engine == 'sqlite' else 'production.invalid'}/app"
    files = {
        "alembic.ini": f"[alembic]\nscript_location = migrations\nsqlalchemy.url = {url}\n",
        "migrations/env.py": ENV_PY,
    }
    build_tree(folder, files)
    render_around(template, folder, engine=engine, driver=driver, migrations="alembic.ini")
    shutil.copy(PEERS / "provisioning" / "test_provisioning.py", folder / "tests")
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


def provision(python: Path, engine: str, revisions: int) -> tuple[float, float]:
    """Make the database in a process of its own; return the seconds of that and of a bare copy."""
    folder = folder_of(engine, revisions)
    run(
        python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_provisioning.py",
        cwd=folder,
        PYTHONDONTWRITEBYTECODE="",
        # PostgreSQL keeps one template for each project, so that none may share its name.
        TEST_HARNESS_APPLICATION_PROJECT=f"benchmark-{revisions}",
    )  # fmt: skip
    made, copied = json.loads((folder / "provisioned.json").read_text(encoding="utf-8"))
    return made, copied
