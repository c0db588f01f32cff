"""An application with several databases gets one for each, and none waits for another."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conftest import folder_for_all
from tests.worlds import ROOT, build_tree, render, run
from tools.environments import suite_environment

pytestmark = pytest.mark.runs

SHOP = """
import os

from flask import Flask, jsonify, request
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class Order(db.Model):
    __tablename__ = "orders"
    id = db.Column(db.Integer, primary_key=True)
    item = db.Column(db.String(40), nullable=False)


class AuditEntry(db.Model):
    __bind_key__ = "audit"
    __tablename__ = "entries"
    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.String(80), nullable=False)


def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("DATABASE_URL", "KIND/shop")
    app.config["SQLALCHEMY_BINDS"] = {
        "audit": os.environ.get("AUDIT_URL", "KIND/audit"),
        # Without a model of its own: the first database, by another address.
        "replica": os.environ.get("REPLICA_URL", "KIND/replica"),
    }
    db.init_app(app)

    @app.post("/orders")
    def order():
        db.session.add(Order(item=request.json["item"]))
        db.session.add(AuditEntry(text="ordered " + request.json["item"]))
        db.session.commit()
        return {}, 201

    @app.get("/orders")
    def orders():
        with db.engines["replica"].connect() as reader:
            return jsonify([*reader.execute(db.select(Order.item)).scalars()])

    @app.get("/audit")
    def audit():
        return jsonify([*db.session.scalars(db.select(AuditEntry.text))])

    return app
"""

DESK = {
    "desk/__init__.py": "",
    "desk/db.py": """
import os

from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///desk.db"))
reader = create_async_engine(os.environ.get("READER_URL", "sqlite+aiosqlite:///reader.db"))
audit_engine = create_async_engine(os.environ.get("AUDIT_URL", "sqlite+aiosqlite:///audit.db"))


class Base(DeclarativeBase):
    pass


class AuditBase(DeclarativeBase):
    pass


async def get_db():
    async with async_sessionmaker(engine)() as session:
        yield session


async def get_reader():
    async with async_sessionmaker(reader)() as session:
        yield session


async def get_audit():
    async with async_sessionmaker(audit_engine)() as session:
        yield session
""",
    "desk/main.py": """
from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import AuditBase, Base, get_audit, get_db, get_reader

app = FastAPI()


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[str]


class AuditEntry(AuditBase):
    __tablename__ = "entries"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


@app.post("/orders", status_code=201)
async def order(
    body: dict[str, str],
    db: AsyncSession = Depends(get_db),
    audit: AsyncSession = Depends(get_audit),
):
    db.add(Order(item=body["item"]))
    audit.add(AuditEntry(text="ordered " + body["item"]))
    await db.commit()
    await audit.commit()
    return {}


@app.get("/orders")
async def orders(db: AsyncSession = Depends(get_reader)):
    return [*await db.scalars(select(Order.item))]


@app.get("/audit")
async def audit(audit: AsyncSession = Depends(get_audit)):
    return [*await audit.scalars(select(AuditEntry.text))]
""",
}

FIELD = """
import pytest

ROUNDS = pytest.mark.parametrize("round_", [1, 2])


async def order(client, factories, db):
    await factories.audit_entry(text="of a factory")
    await factories.order(item="ink")
    await db.commit()
    assert (await client.post("/orders", json={"item": "pen"})).status_code == 201
    assert sorted((await client.get("/audit")).json()) == ["of a factory", "ordered pen"]
    assert sorted((await client.get("/orders")).json()) == ["ink", "pen"]


@ROUNDS
async def test_isolated(client, factories, db, round_):
    await order(client, factories, db)


@ROUNDS
@pytest.mark.real_commits
async def test_committed(client, factories, db, round_):
    await order(client, factories, db)
"""

REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade(engine_name):
    globals()[f"upgrade_{engine_name}"]()


def downgrade(engine_name):
    globals()[f"downgrade_{engine_name}"]()


def upgrade_():
    op.create_table(
        "orders",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("item", sa.String(40), nullable=False),
    )


def downgrade_():
    op.drop_table("orders")


def upgrade_audit():
    op.create_table(
        "entries",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("text", sa.String(80), nullable=False),
    )


def downgrade_audit():
    op.drop_table("entries")
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = folder_for_all(tmp_path_factory, "several-databases")
    return suite_environment(folder / ".venv", ROOT / ".venv" / "bin" / "python", "flask-migrate")


def adopt(template: Path, python: Path, root: Path, files: Mapping[str, str]) -> str:
    """Return what the suite prints that an application gets by `--defaults`, with FIELD in it."""
    build_tree(root, files)
    render(template, root, overwrite=True)
    run(python, "-m", "pytest", "-q", "--write-factories", cwd=root)
    field = FIELD if "desk/main.py" in files else FIELD.replace("async ", "").replace("await ", "")
    build_tree(root, {"tests/test_field.py": field})
    return run(python, "-m", "pytest", "-q", cwd=root, check=False).stdout


def test_the_binds_of_flask(template: Path, python: Path, tmp_path: Path) -> None:
    printed = adopt(
        template, python, tmp_path / "shop",
        {"shop.py": SHOP.replace("KIND", "sqlite://"), "requirements.txt": "flask-sqlalchemy\n"},
    )  # fmt: skip
    assert " passed" in printed
    assert "failed" not in printed


def test_one_env_py_for_several_binds(template: Path, python: Path, tmp_path: Path) -> None:
    root = tmp_path / "shop"
    kind = "postgresql+psycopg2://app@production.invalid"
    shop = SHOP.replace("KIND", kind).replace(
        "    db.init_app(app)\n",
        '    app.config["SQLALCHEMY_BINDS"].pop("replica")\n    db.init_app(app)\n'
        "    from flask_migrate import Migrate\n\n    Migrate(app, db)\n",
    )
    shop = shop.replace('db.engines["replica"]', "db.engine")
    build_tree(root, {"shop.py": shop})
    run(python, "-m", "flask", "--app", "shop", "db", "init", "--multidb", cwd=root)
    printed = adopt(
        template, python, root,
        {
            "shop.py": shop,
            "migrations/versions/0001_first.py": REVISION,
            "requirements.txt": "flask-sqlalchemy\nflask-migrate\npsycopg2-binary\n",
        },
    )  # fmt: skip
    assert " passed" in printed
    assert "failed" not in printed
    settings = (root / "tests" / "harness.toml").read_text(encoding="utf-8")
    assert 'migrations = "migrations/alembic.ini"' in settings


def test_two_bases_with_two_engines_and_a_reader(
    template: Path, python: Path, tmp_path: Path
) -> None:
    root = tmp_path / "desk"
    printed = adopt(
        template, python, root, {**DESK, "requirements.txt": "fastapi\naiosqlite\nsqlalchemy\n"}
    )
    assert " passed" in printed
    assert "failed" not in printed
    settings = (root / "tests" / "harness.toml").read_text(encoding="utf-8")
    assert '[databases.audit]\nengine_object = "desk.db:audit_engine"' in settings
