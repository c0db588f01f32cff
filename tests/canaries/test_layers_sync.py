"""Layers on top of SQLAlchemy, as their documentation uses them, each twice."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import suppress

import pytest
from alchemical import Alchemical, Model
from canaries.rows import Row
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlmodel import Field, SQLModel
from sqlmodel import Session as SQLModelSession
from sqlmodel import select as select_models

from test_harness.runtime.canary import decoy_url
from test_harness.settings import settings

with warnings.catch_warnings():
    # It uses what SQLAlchemy 2.1 advises against.
    warnings.simplefilter("ignore")
    from advanced_alchemy.repository import SQLAlchemySyncRepository
    from advanced_alchemy.service import SQLAlchemySyncRepositoryService

pytestmark = pytest.mark.parametrize("round_", [1, 2])

MakeEngine = Callable[..., Engine]


def address() -> str:
    return decoy_url(settings().database).render_as_string(hide_password=False)


class SQLModelRow(SQLModel, table=True):
    __tablename__ = "test_harness_canary"

    name: str = Field(primary_key=True)


def test_sqlmodel(make_engine: MakeEngine, round_: int) -> None:
    with SQLModelSession(make_engine()) as session:
        assert session.exec(select_models(SQLModelRow)).all() == []
        session.add(SQLModelRow(name="kept"))
        session.commit()
        session.add(SQLModelRow(name="undone"))
        session.flush()
        session.rollback()
        assert [row.name for row in session.exec(select_models(SQLModelRow))] == ["kept"]


flask_db = SQLAlchemy()


class FlaskRow(flask_db.Model):
    __tablename__ = "test_harness_canary"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)


def test_flask_sqlalchemy(database: None, round_: int) -> None:
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = address()
    flask_db.init_app(app)

    @app.post("/rows/<name>")
    def create(name: str) -> str:
        flask_db.session.add(FlaskRow(name=name))
        flask_db.session.commit()
        flask_db.session.add(FlaskRow(name=f"{name}, undone"))
        flask_db.session.flush()
        flask_db.session.rollback()
        return name

    @app.get("/rows")
    def read() -> list[str]:
        return list(flask_db.session.scalars(select(FlaskRow.name)))

    client = app.test_client()
    assert client.get("/rows").json == []
    assert client.post("/rows/kept").text == "kept"
    assert client.get("/rows").json == ["kept"]
    with app.app_context():
        flask_db.engine.dispose()


class AlchemicalRow(Model):
    __tablename__ = "test_harness_canary"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)


def test_alchemical(database: None, round_: int) -> None:
    db = Alchemical(address())
    with db.begin() as session:
        assert session.scalar(select(func.count()).select_from(AlchemicalRow)) == 0
        session.add(AlchemicalRow(name="kept"))
    with suppress(ZeroDivisionError), db.begin() as session:
        session.add(AlchemicalRow(name="undone"))
        session.flush()
        session.add(AlchemicalRow(name=f"never {1 / 0}"))
    with db.Session() as session:
        assert session.scalars(AlchemicalRow.select()).one().name == "kept"
    db.get_engine().dispose()


class RowRepository(SQLAlchemySyncRepository[Row]):
    model_type = Row
    id_attribute = "name"


class RowService(SQLAlchemySyncRepositoryService[Row]):
    repository_type = RowRepository


def test_advanced_alchemys_repository(make_engine: MakeEngine, round_: int) -> None:
    with Session(make_engine()) as session:
        repository = RowRepository(session=session)
        assert repository.count() == 0
        repository.add_many([Row(name="one"), Row(name="two")], auto_commit=True)
        repository.add(Row(name="undone"))
        session.rollback()
        assert repository.count() == 2


def test_advanced_alchemys_service(make_engine: MakeEngine, round_: int) -> None:
    with Session(make_engine()) as session:
        service = RowService(session=session)
        assert service.count() == 0
        service.create({"name": "kept"}, auto_commit=True)
        service.create({"name": "undone"})
        session.rollback()
        assert [row.name for row in service.get_many()] == ["kept"]
