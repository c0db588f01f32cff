"""An application is green that asks for variables which nothing shows but running it."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from dotenv import dotenv_values

from tests.worlds import ROOT, build_tree, render, run

pytestmark = pytest.mark.runs

ENGINE = ROOT / "src" / "test_harness"

# What it needs is said by no line alone: names are made at run time, values have a grammar, and a
# part is asked for by the start only.
BAY = {
    "requirements.txt": "fastapi\nsqlalchemy\naiosqlite\npydantic-settings\ncryptography\n",
    "bay/__init__.py": "",
    "bay/config.py": """\
import os

from pydantic import BaseModel, Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MODE = os.getenv("_".join(["BAY", "MODE"]), "production")
if MODE == "production" and not os.getenv("BAY_ALARM"):
    raise RuntimeError("production has an alarm")


class Gate(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="GATE_")
    operator: str

    @field_validator("operator")
    @classmethod
    def has_two_parts(cls, value):
        user, separator, password = value.partition(":")
        if not separator or len(password) < 8:
            raise ValueError("this is no operator")
        return value


class Everything(BaseModel):
    gate: Gate = Field(default_factory=Gate)


settings = Everything()
""",
    "bay/seal.py": """\
import os

from cryptography.fernet import Fernet

seal = Fernet(os.environ["_".join(["BAY", "SEAL"])])
""",
    "bay/models.py": """\
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_async_engine("sqlite+aiosqlite:///bay.db")


class Base(DeclarativeBase):
    pass


class Ship(Base):
    __tablename__ = "ships"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


async def get_session():
    async with AsyncSession(engine) as session:
        yield session
""",
    "bay/main.py": """\
import os
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI
from sqlalchemy import select

import bay.config
import bay.seal
from bay.models import Ship, get_session


@asynccontextmanager
async def lifespan(app):
    app.state.berths = int(os.environ["_".join(["BAY", "BERTHS"])])
    yield


app = FastAPI(lifespan=lifespan)


@app.get("/ships")
async def ships(session=Depends(get_session)):
    return [ship.name for ship in await session.scalars(select(Ship))]
""",
    ".env.example": "BAY_MODE=local\n",
    ".env": "BAY_SEAL=of-the-developer\nGATE_OPERATOR=of-the:developer-alone\n",
}
KEY = "b25seS1mb3ItdGVzdHMtMDEyMzQ1Njc4OWFiY2RlZiE="

Adopt = Callable[..., str]


@pytest.fixture(scope="module")
def rendered(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render(template, build_tree(tmp_path_factory.mktemp("trying") / "bay", BAY))


@pytest.fixture
def project(rendered: Path, tmp_path: Path) -> Path:
    return shutil.copytree(rendered, tmp_path / "bay")


@pytest.fixture
def adopt(project: Path, suite_python: Path) -> Adopt:
    """Return a function that does what an adoption does once the files are there."""

    def adopt(**variables: str) -> str:
        done = run(
            sys.executable, "-B", ENGINE, "check", "--tests", "tests", "--adoption",
            cwd=project, check=False, VIRTUAL_ENV=str(suite_python.parents[1]), **variables,
        )  # fmt: skip
        return done.stdout

    return adopt


def test_what_is_found_by_trying_makes_the_suite_green(adopt: Adopt, project: Path) -> None:
    printed = adopt()
    assert "\nGreen: " in printed, printed
    assert (
        "Wrote BAY_MODE, GATE_OPERATOR, BAY_SEAL, BAY_BERTHS into tests/test.env, found by "
        "importing the application 5 times.\nWrote tests/factories.py: ShipFactory.\n"
    ) in printed
    written = (project / "tests" / "test.env").read_text()
    assert written.endswith(
        f"""\
# asked for by bay/config.py:13: must be written as user:password, at least 8 long
GATE_OPERATOR=tests:Only-for-tests-0123
# asked for by bay/config.py:6
BAY_MODE=local
# asked for by bay/seal.py:5: must be a key of Fernet: 32 bytes in URL-safe Base64
BAY_SEAL={KEY}
# asked for by bay/main.py:14: must be a whole number
BAY_BERTHS=1
"""
    ), written
    assert "developer" not in written


def test_what_no_value_satisfies_is_named_and_the_rest_is_written(
    adopt: Adopt, project: Path
) -> None:
    (project / "tests" / "test.env").write_text("BAY_MODE=local\nGATE_OPERATOR=ann:Sesame-123\n")
    with (project / "bay" / "seal.py").open("a") as module:
        module.write('\ntariffs = open(os.environ["_".join(["BAY", "TARIFFS"])])\n')
    printed = adopt()
    assert (
        "Wrote BAY_SEAL into tests/test.env, found by importing the application 2 times.\n\n"
        "The suite was not run: bay/seal.py:7 asks for BAY_TARIFFS, and nothing fits that is known "
        "here.\n  Fix: give BAY_TARIFFS a value that is a file that is there in tests/test.env.\n"
    ) in printed
    values = dotenv_values(project / "tests" / "test.env")
    assert values == {
        "BAY_MODE": "local", "GATE_OPERATOR": "ann:Sesame-123", "BAY_SEAL": KEY,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "sael.encrypt(b'x')",
            "bay.main cannot be imported: NameError: name 'sael' is not defined (bay/seal.py:7)\n"
            "  Fix: mend bay/seal.py:7.\n",
        ),
        (
            "import no_such_package",
            "bay.main needs the package 'no_such_package', which is not installed.\n"
            "  Fix: Install the application's own requirements into this environment.\n",
        ),
        (
            "import socket\nsocket.create_connection(('127.0.0.1', 9200), 1)",
            "bay/seal.py:8 connects to elasticsearch (port 9200).\n  Fix: name another place for ",
        ),
    ],
    ids=["a mistake", "a package", "a service"],
)
def test_what_no_value_mends_is_said_after_one_import(
    adopt: Adopt, project: Path, line: str, said: str
) -> None:
    values = f"BAY_MODE=local\nBAY_SEAL={KEY}\nGATE_OPERATOR=tests:Only-for-tests-0123\n"
    (project / "tests" / "test.env").write_text(values)
    with (project / "bay" / "seal.py").open("a") as module:
        module.write(f"\n{line}\n")
    printed = adopt()
    assert "\nThe suite was not run: " in printed
    assert said in printed
    assert (project / "tests" / "test.env").read_text() == values


def test_an_import_that_does_not_end_is_left_with_the_line_it_waits_at(
    project: Path, suite_python: Path, tmp_path: Path
) -> None:
    (project / "tests" / "test.env").write_text("BAY_MODE=local\nGATE_OPERATOR=ann:Sesame-123\n")
    waits = "import time\n\n\ndef wait():\n    time.sleep(600)\n\n\nwait()\n"
    (project / "bay" / "seal.py").write_text(waits)
    written = tmp_path / "failure.json"
    run(
        suite_python, "-m", "pytest", "-q", "-p", "test_harness.demands.trial",
        f"--trial={written}", "--trial-seconds=3", cwd=project, check=False,
    )  # fmt: skip
    found = json.loads(written.read_text())
    assert (found["step"], found["waited"], found["wants"]) == ("import", "bay/seal.py:5", [])


def test_what_is_exported_is_left_to_whoever_did(adopt: Adopt, project: Path) -> None:
    printed = adopt(BAY_SEAL="of-the-developer")
    assert (
        "\nThe suite was not run: bay/seal.py:5 refuses the value of BAY_SEAL that is exported "
        "here, which must be a key of Fernet: 32 bytes in URL-safe Base64.\n  Fix: unset it, "
    ) in printed
    assert "of-the-developer" not in printed + (project / "tests" / "test.env").read_text()
