"""Further bases are paired with the engines that their tables are behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from extensions.discovery import Facts
from extensions.discovery.report.message import message
from tests.worlds import build_tree

BASES = """\
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Other(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)


class Entry(Other):
    __tablename__ = "entries"
    id: Mapped[int] = mapped_column(primary_key=True)
"""
ENGINES = """\
from sqlalchemy import create_engine

engine = create_engine("sqlite:///first.db")
second = create_engine("sqlite:///second.db")
"""
MAIN = "from fastapi import FastAPI\nfrom shop import db, models, start\n\napp = FastAPI()\n"


def further(root: Path, start: str, engines: str = ENGINES, bases: str = BASES) -> dict[str, Any]:
    """Return what is found of a package, and of how it starts."""
    files = {"__init__": "", "main": MAIN, "db": engines, "models": bases, "start": start}
    build_tree(root, {f"shop/{name}.py": text for name, text in files.items()})
    found: dict[str, Any] = Facts(root)["further"].value or {}
    return found


SECOND = {"name": "other", "metadata": "shop.models:Other", "engine_object": "shop.db:second"}


@pytest.mark.parametrize(
    "start",
    [
        # By what makes the tables.
        "from shop.db import second\nfrom shop.models import Other\n"
        "Other.metadata.create_all(second)\n",
        "from shop.db import second\nfrom shop.models import Other\n\n\ndef start():\n"
        "    with second.begin() as connection:\n"
        "        Other.metadata.create_all(bind=connection)\n",
        # By the binds of sessions, of a class or of one model.
        "from sqlalchemy.orm import sessionmaker\nfrom shop import db, models\n"
        "make = sessionmaker(binds={models.Base: db.engine, models.Other: db.second})\n",
        "from sqlalchemy.orm import sessionmaker\nfrom shop import db, models\n"
        "make = sessionmaker(binds={models.User: db.engine, models.Entry: db.second})\n",
        # What is left where the first has the other.
        "from shop.db import engine\nfrom shop.models import Base\n"
        "Base.metadata.create_all(engine)\n",
    ],
    ids=["create_all", "connection", "binds", "binds of models", "elimination"],
)
def test_an_engine_is_found_for_a_base(tmp_path: Path, start: str) -> None:
    found = further(tmp_path, start)

    assert found["databases"] == [SECOND]
    assert found["also"] == found["left_out"] == []


def test_an_asynchronous_engine_is_found_for_a_base(tmp_path: Path) -> None:
    start = (
        "from shop.db import second\nfrom shop.models import Other\n\n\nasync def start():\n"
        "    async with second.begin() as connection:\n"
        "        await connection.run_sync(Other.metadata.create_all)\n"
    )
    engines = ENGINES.replace("sqlalchemy import", "sqlalchemy.ext.asyncio import").replace(
        "create_engine", "create_async_engine"
    )
    [database] = further(tmp_path, start, engines)["databases"]
    assert database["engine_object"] == "shop.db:second"


def test_names_tell_which_engine_is_for_which_base(tmp_path: Path) -> None:
    engines = ENGINES.replace("second", "audit_engine")
    found = further(tmp_path, "", engines, BASES.replace("Other", "AuditBase"))
    assert found["databases"] == [
        {
            "name": "audit",
            "metadata": "shop.models:AuditBase",
            "engine_object": "shop.db:audit_engine",
        }
    ]


def test_with_one_engine_all_tables_are_in_one_database(tmp_path: Path) -> None:
    engines = "".join(line for line in ENGINES.splitlines(True) if "second" not in line)
    assert further(tmp_path, "", engines) == {
        "databases": [],
        "also": ["shop.models:Other"],
        "left_out": [],
    }


def test_an_engine_that_nothing_tells_of_is_not_guessed(tmp_path: Path) -> None:
    assert further(tmp_path, "")["left_out"] == ["shop.models:Other"]
    assert "shop.models:Other: add [databases.NAME] to harness.toml" in message(Facts(tmp_path))


def test_a_reader_of_the_only_base_is_no_further_database(tmp_path: Path) -> None:
    bases = BASES.replace("(Other)", "(Base)").replace("class Other(DeclarativeBase)", "class X")
    assert further(tmp_path, "", bases=bases) == {}
