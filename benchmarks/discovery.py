"""P8: how long it takes to read a backend, as a multiple of what `ast.parse` of its files takes.

The tree is like a large application: of every hundred files some have routes, models, schemas,
services and the rest is other code. Each run reads it anew, as one `copier copy` does, and takes
turns with reading and parsing every file of it.
"""

from __future__ import annotations

import ast
import gc
import time
from pathlib import Path

from benchmarks import CORES, DISK, Plot, Row, at_most, medians
from extensions.discovery import discover
from tests.worlds import build_tree
from tools.demo import BUILD, make_room

ROWS = ["P8"]
GOAL = 0.1
FILES = (100, 1000, 5000)
RUNS = 5
FOLDER = BUILD / "benchmarks" / "discovery"

MAIN = """\
from fastapi import FastAPI

from app.api import router

app = FastAPI()
app.include_router(router, prefix="/api")


@app.get("/health")
def health():
    return {"status": "ok"}
"""
DATABASE = """\
import os

from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, sessionmaker

engine = create_engine(os.getenv("DATABASE_URL", "postgresql+psycopg://localhost/app"))
SessionLocal = sessionmaker(engine)


class Base(DeclarativeBase):
    pass


def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()
"""
MODEL = """\
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Base


class {name}(Base):
    __tablename__ = "{table}"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200), index=True)
    state: Mapped[str] = mapped_column(String(20), default="new")

    def close(self) -> None:
        if self.state != "closed":
            self.state = "closed"
"""
ROUTES = """\
from fastapi import APIRouter, Depends, HTTPException
from sqlalchemy.orm import Session

from app.database import get_db
from app.models.model_{number} import Model{number}
from app.schemas.schema_{number} import Schema{number}

router = APIRouter(prefix="/things-{number}")
"""
ROUTE = """

@router.{verb}("/{path}")
def {verb}_{path}(number: int, db: Session = Depends(get_db)):
    found = db.get(Model{number}, number)
    if found is None:
        raise HTTPException(status_code=404, detail="There is no such thing")
    return found
"""
SCHEMA = """\
from pydantic import BaseModel


class Schema{number}(BaseModel):
    title: str
    state: str = "new"
"""
FUNCTION = """

def step_{number}(values: list[int], limit: int = {number}) -> list[int]:
    total = 0
    kept = []
    for value in values:
        total += value
        if total > limit and value % 2 == 0:
            kept.append(value * {number})
    return kept
"""


def measure() -> list[Row]:
    """Return the row."""
    lines: dict[str, dict[int, float]] = {"discovery": {}, "ast.parse": {}}
    for files in FILES:
        root = FOLDER / str(files)
        make_room(root)
        build_tree(root, backend(files))
        runs = [(read(root), parse(root)) for _ in range(RUNS)]
        lines["discovery"][files], lines["ast.parse"][files] = ours, parsed = medians(runs)
    name = f"discovery of a backend of {files} Python files / `ast.parse` of all of them"
    return [
        at_most(
            "P8",
            f"{name} ({ours:.2f}/{parsed:.2f} s)",
            [one / other for one, other in runs],
            GOAL,
            depends=(CORES, DISK),
            plot=Plot("Reading a backend", "Python files", "s", lines),
        )
    ]


def parse(root: Path) -> float:
    """Parse every file of a backend and return the seconds that took."""
    gc.disable()  # as discovery does
    start = time.perf_counter()
    trees = [ast.parse(path.read_bytes()) for path in root.rglob("*.py")]
    seconds = time.perf_counter() - start
    gc.enable()
    del trees
    return seconds


def read(root: Path) -> float:
    """Read a backend once and return the seconds that took.

    Raises:
        RuntimeError: It was read wrongly, so that a duration would mean nothing.
    """
    start = time.perf_counter()
    found = discover(root)
    seconds = time.perf_counter() - start
    if found["app_path"] != "app.main:app" or found["metadata_path"] != "app.database:Base":
        raise RuntimeError(f"The backend in {root} was not found: {found}")
    return seconds


def backend(files: int) -> dict[str, str]:
    """Return a backend of about so many files: a tenth are models, a tenth routes."""
    tenth = files // 10
    tree = {"app/__init__.py": "", "app/main.py": MAIN, "app/database.py": DATABASE}
    imports = "".join(
        f"from app.routes.routes_{number} import router as router_{number}\n"
        for number in range(tenth)
    )
    includes = "".join(f"router.include_router(router_{number})\n" for number in range(tenth))
    tree["app/api.py"] = (
        f"from fastapi import APIRouter\n\n{imports}\nrouter = APIRouter()\n{includes}"
    )
    for number in range(tenth):
        name = f"Model{number}"
        tree[f"app/models/model_{number}.py"] = MODEL.format(name=name, table=name.lower())
        tree[f"app/schemas/schema_{number}.py"] = SCHEMA.format(number=number)
        tree[f"app/routes/routes_{number}.py"] = ROUTES.format(number=number) + "".join(
            ROUTE.format(verb=verb, path=path, number=number)
            for path in ("list", "detail")
            for verb in ("get", "post", "delete")
        )
    for number in range(files - 3 * tenth - len(tree)):
        steps = "".join(FUNCTION.format(number=step) for step in range(12))
        tree[f"app/services/area_{number % 40}/service_{number}.py"] = f"import math\n{steps}"
    return tree
