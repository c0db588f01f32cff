"""Small histories of migrations, and a way to have the kit examine one in this process."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from test_harness import __version__
from tests.projects import project_in
from tests.worlds import build_tree

if TYPE_CHECKING:
    from test_harness.migrations.kit import Report
    from test_harness.runtime.process import Runtime

DRIVERS = {"sqlite": "pysqlite", "postgresql": "psycopg", "mysql": "pymysql"}
EVERYWHERE = tuple(DRIVERS)

_numbers = itertools.count(1)

INI = """\
[alembic]
script_location = %(here)s/migrations
path_separator = os
sqlalchemy.url = {url}
"""
ENV_PY = """\
from alembic import context
from sqlalchemy import create_engine, pool

import {models}

engine = create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata={models}.metadata)
    with context.begin_transaction():
        context.run_migrations()
"""
MODELS = """\
import sqlalchemy as sa

metadata = sa.MetaData()
"""
REVISION = '''\
"""{doc}

Revision ID: {revision}
Revises: {said}

"""
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = {previous!r}
branch_labels = {labels!r}
depends_on = None


def upgrade():
{upgrade}


def downgrade():
{downgrade}
'''


HARNESS_TOML = """\
[harness]
version = "{version}"

[application]
project = "histories"
framework = "none"
import_path = "{models}:metadata"
mode = "sync"
health_path = ""
base_url = "http://localhost"

[database]
engine = "{engine}"
driver = "{driver}"
metadata = "{models}:metadata"
migrations = "{ini}"
accepted_downgrades = "{accepted}"
"""


@dataclass(frozen=True)
class Step:
    """A revision; without `after` it follows the one before it in the list."""

    upgrade: str
    downgrade: str
    after: tuple[str, ...] | None = None
    doc: str = "Take a step"
    labels: tuple[str, ...] = ()
    revision: str = ""
    said: str | None = None


@dataclass(frozen=True)
class Past:
    """A history, and what the kit is to say about it.

    `check` is the one check that reports something, empty for a healthy history; `says` has to
    stand in what it reports.
    """

    name: str
    steps: Sequence[Step]
    models: str = ""
    check: str = ""
    says: str = ""
    engines: tuple[str, ...] = EVERYWHERE
    accepted: str = ""
    files: dict[str, str] = field(default_factory=dict)
    env: str = ENV_PY

    def __str__(self) -> str:
        return self.name


def write(past: Past, engine: str, folder: Path) -> str:
    """Write the project of a history, and return the name of its models module."""
    models = f"models_of_history_{next(_numbers)}"
    url = f"{engine}+{DRIVERS[engine]}://{'/' if engine == 'sqlite' else 'production.invalid'}/app"
    files = {
        "alembic.ini": INI.format(url=url),
        "migrations/env.py": past.env.format(models=models),
        f"{models}.py": MODELS + past.models,
    }
    previous: tuple[str, ...] = ()
    for number, step in enumerate(past.steps, start=1):
        name = step.revision or f"{number:04}"
        parents = previous if step.after is None else step.after
        files[f"migrations/versions/{number:04}_step.py"] = REVISION.format(
            doc=step.doc,
            revision=name,
            previous=(parents if len(parents) > 1 else next(iter(parents), None)),
            said=", ".join(parents) if step.said is None else step.said,
            labels=step.labels or None,
            upgrade=_indented(step.upgrade.format(models=models)),
            downgrade=_indented(step.downgrade.format(models=models)),
        )
        previous = (name,)
    (folder / "migrations" / "versions").mkdir(parents=True)
    build_tree(folder, files | past.files)
    return models


def examined(past: Past, engine: str, folder: Path) -> Report:
    """Write the project of a history and return what the kit finds out about it."""
    models = write(past, engine, folder)
    with harness_of(folder, models, engine, past.accepted) as runtime:
        from test_harness.migrations.kit import examine

        return examine(runtime)


@contextmanager
def harness_of(folder: Path, models: str, engine: str, accepted: str = "") -> Iterator[Runtime]:
    """Within the block this process has the harness of a project, as far as migrations need it."""
    from test_harness.runtime.process import Runtime
    from test_harness.settings import settings

    toml = HARNESS_TOML.format(
        version=__version__,
        models=models,
        engine=engine,
        driver=DRIVERS[engine],
        ini=folder / "alembic.ini",
        accepted=accepted,
    )
    build_tree(folder, {"tests/harness.toml": toml})
    with project_in(folder / "tests"), patch.object(sys, "path", [str(folder), *sys.path]):
        runtime = Runtime(settings())
        runtime.seam.install()
        try:
            yield runtime
        finally:
            runtime.seam.uninstall()
            sys.modules.pop(models, None)


def _indented(code: str) -> str:
    return "\n".join(f"    {line}" for line in code.splitlines())
