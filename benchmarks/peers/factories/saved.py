"""Counts the mapped classes of the zoo of which twenty rows can be saved, by each library."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from typing import Any

from factory.alchemy import SQLAlchemyModelFactory
from polyfactory.factories.sqlalchemy_factory import SQLAlchemyFactory
from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session

from test_harness.factories.base import bound_to, factory_for
from test_harness.factories.mapped import mapped_classes
from test_harness.factories.plan import plan_of
from test_harness.runtime.schema import load_metadata
from test_harness.settings import settings

ROWS = 20


def by_the_harness(session: Session, model: type[Any]) -> None:
    with bound_to(session):
        factory_for(model).create_batch(ROWS)


def by_factory_boy(session: Session, model: type[Any]) -> None:
    meta = type("Meta", (), {"model": model, "sqlalchemy_session": session})
    type("Factory", (SQLAlchemyModelFactory,), {"Meta": meta}).create_batch(ROWS)


def by_polyfactory(session: Session, model: type[Any]) -> None:
    named = {"__model__": model, "__session__": session, "__module__": __name__}
    made: Any = type("Factory", (SQLAlchemyFactory,), named)
    session.add_all(made.batch(ROWS))


def main() -> None:
    """Save rows of each class in each way, in a transaction that is rolled back."""
    engine = create_engine("sqlite://")
    event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA foreign_keys = ON"))
    load_metadata(settings().database).create_all(engine)
    ways: dict[str, Callable[[Session, type[Any]], None]] = {
        "harness": by_the_harness,
        "factory_boy": by_factory_boy,
        "polyfactory": by_polyfactory,
    }
    # A unique column of three colours has no twenty rows, whoever makes them.
    limits = {model: plan_of(model).capacity for model in mapped_classes()}
    models = [model for model, limit in limits.items() if limit is None or limit >= ROWS]
    SQLAlchemyFactory.seed_random(1)
    saved = dict.fromkeys(ways, 0)
    for name, save in ways.items():
        for model in models:
            with Session(engine) as session:
                try:
                    save(session, model)
                    session.flush()
                except Exception:  # noqa: BLE001, S110 - whatever it is, they are not saved
                    pass
                else:
                    saved[name] += 1
    print(json.dumps({"classes": len(models), **saved}))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
