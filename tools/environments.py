"""An environment with the packages that rendered samples and their suites need."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.worlds import ROOT, run

# What the supported cells import, so that one environment serves all of them.
PACKAGES_OF_EVERY_CELL = [
    "aiomysql",
    "aiosqlite",
    "alembic",
    "asyncmy",
    "asyncpg",
    "fastapi",
    "flask",
    "flask-socketio",
    "flask-sqlalchemy",
    "litestar",
    "psycopg[binary]",
    "psycopg2-binary",
    "pydantic-settings",
    "pydantic[email]",
    "pwdlib[argon2]",
    "pyjwt[crypto]",
    "pymysql",
    "python-multipart",
    "python-socketio",
    "sqlalchemy[asyncio]",
    "uvicorn",
    "pytest-xdist",
]

# Beside them the engine as it stands in the working tree: an edit of it needs no installation.
ENGINE = f"{ROOT}[async,http,mysql,order,postgresql,unit]"

# What applications put on top of SQLAlchemy.
LAYERS = ["advanced-alchemy", "alchemical", "sqlmodel"]

UV = Path(sys.executable).parent / "uv"


def suite_environment(
    folder: Path, interpreter: str | Path = sys.executable, *packages: str
) -> Path:
    """Make a virtual environment in `folder` and return its interpreter.

    Args:
        folder: Where to; it is made.
        interpreter: The Python that it is for.
        packages: What is installed besides, or in a version of its own.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    run(UV, "venv", "--quiet", "--python", interpreter, folder, cwd=folder.parent)
    python = folder / "bin" / "python"
    wanted = [*PACKAGES_OF_EVERY_CELL, *packages, "--editable", ENGINE]
    run(UV, "pip", "install", "--quiet", "--python", python, *wanted, cwd=folder)
    return python


def find_interpreter(version: str) -> Path | None:
    """Return a Python of a version, such as 3.12, that is on this machine."""
    # What pyenv puts on the path for a version that is not the chosen one fails, and uv with it.
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    path = os.pathsep.join([*map(str, pyenv.glob(f"{version}.*/bin")), os.environ["PATH"]])
    found = run(
        UV, "python", "find", "--no-project", version, cwd=Path.cwd(), check=False, PATH=path
    )
    return None if found.returncode else Path(found.stdout.strip())
