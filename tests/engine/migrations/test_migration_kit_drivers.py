"""An `env.py` whose synchronous engine has an asynchronous driver is walked as Alembic walks it.

SQLAlchemy 2.1 has no `async_fallback` any more, so that this needs an environment of its own.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.conftest import folder_for_all
from tests.worlds import ROOT, run
from tools.environments import ENGINE, UV

pytestmark = pytest.mark.runs

PACKAGES = [
    "sqlalchemy[asyncio]>=2.0,<2.1", "aiomysql", "aiosqlite", "alembic", "asyncmy", "asyncpg",
    "nest-asyncio", "psycopg[binary]", "pymysql", "pyyaml",
]  # fmt: skip

FALLBACK = """\
from alembic import context
from sqlalchemy import create_engine, pool

import {models}

engine = create_engine("URL?async_fallback=True", poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata={models}.metadata)
    with context.begin_transaction():
        context.run_migrations()
"""
NESTED = """\
import asyncio

import nest_asyncio
from alembic import context
from sqlalchemy import pool
from sqlalchemy.ext.asyncio import create_async_engine

import {models}

nest_asyncio.apply()


def migrate(connection):
    context.configure(connection=connection, target_metadata={models}.metadata)
    with context.begin_transaction():
        context.run_migrations()


async def run():
    engine = create_async_engine("URL?prepared_statement_cache_size=0", poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


asyncio.get_event_loop().run_until_complete(run())
"""
WITHIN = {
    "no loop": "report = examined(past, engine, folder)",
    "a loop": """
async def within():
    return examined(past, engine, folder)

report = asyncio.run(within())
""",
}
SCRIPT = """
import asyncio
import gc
import sys
from pathlib import Path

from tests.histories import Past, examined
from tests.histories.healthy import SHOP, SHOP_MODEL, USERS, USERS_MODEL

engine, folder, env = sys.argv[1], Path(sys.argv[2]), sys.argv[3].replace("URL", sys.argv[4])
past = Past("shop", [USERS, SHOP], USERS_MODEL + SHOP_MODEL, env=env)
{within}
gc.collect()
print([report.obstacle, report.found, report.reaches_head])
"""
# On SQLite the address would be that of a file of another name.
ARGUMENT = FALLBACK.replace('?async_fallback=True"', "\", connect_args={{'async_fallback': True}}")
NOBODY = "app:secret@production.invalid/app"


def fallback(*, pool: bool = True) -> str:
    """Return an `env.py` whose engine has a pool, or none."""
    return FALLBACK.replace(", poolclass=pool.NullPool", "") if pool else FALLBACK


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with the last SQLAlchemy that has `async_fallback`."""
    folder = folder_for_all(tmp_path_factory, "sqlalchemy-2.0")
    run(UV, "venv", "--quiet", "--python", sys.executable, ".venv", cwd=folder)
    made = folder / ".venv" / "bin" / "python"
    run(UV, "pip", "install", "--quiet", "--python", made, *PACKAGES, "-e", ENGINE, cwd=folder)
    return made


@pytest.mark.parametrize(
    ("url", "env", "within"),
    [
        (f"postgresql+asyncpg://{NOBODY}", fallback(pool=False), "no loop"),
        (f"postgresql+asyncpg://{NOBODY}", fallback(), "a loop"),
        (f"postgresql+psycopg_async://{NOBODY}", fallback(), "a loop"),
        (f"postgresql+asyncpg://{NOBODY}", NESTED, "a loop"),
        (f"mysql+aiomysql://{NOBODY}", fallback(), "no loop"),
        (f"mysql+asyncmy://{NOBODY}", fallback(pool=False), "a loop"),
        ("sqlite+aiosqlite:///app.db", ARGUMENT, "no loop"),
    ],
)
def test_an_asynchronous_driver_is_walked(
    python: Path, tmp_path: Path, url: str, env: str, within: str
) -> None:
    engine = url.partition("+")[0]
    script = SCRIPT.format(within=WITHIN[within])
    # What is left open is a warning when it is collected, and printed as ignored.
    given: list[str | Path] = ["-c", script, engine, tmp_path / "project", env, url]
    done = run(python, "-W", "error::ResourceWarning", *given, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "['', [], True]"
    assert "Exception ignored" not in done.stdout
