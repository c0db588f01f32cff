"""Makes the same rows in several ways, in turns, and prints the seconds that each turn took."""

from __future__ import annotations

import datetime
import decimal
import gc
import json
import random
import time
from collections.abc import Callable

import factory
from polyfactory.factories.sqlalchemy_factory import SQLAlchemyFactory
from shop.models import Base, Customer
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from test_harness.factories.base import bound_to, factory_for, start_sequences

ROWS, TURNS = 500, 11


class FakerFactory(factory.alchemy.SQLAlchemyModelFactory):
    """factory_boy with Faker, as its documentation shows it."""

    class Meta:
        model = Customer

    email = factory.Sequence(lambda n: f"customer{n}@example.com")
    first_name = factory.Faker("first_name")
    last_name = factory.Faker("last_name")
    city = factory.Faker("city")
    phone = factory.Faker("phone_number")
    credit_limit = factory.Faker("pydecimal", left_digits=5, right_digits=2, positive=True)
    rating = factory.Faker("pyint", min_value=1, max_value=5)
    is_active = True
    joined_at = factory.Faker("date_time")


class PolyFactory(SQLAlchemyFactory[Customer]):
    """polyfactory, told by hand what the constraints ask for."""

    __set_primary_key__ = False
    __set_relationships__ = False

    email = lambda: f"{random.getrandbits(64)}@example.com"  # noqa: E731
    credit_limit = lambda: decimal.Decimal(random.randrange(1000))  # noqa: E731
    rating = lambda: random.randint(1, 5)  # noqa: E731


def by_hand(session: Session) -> None:
    for number in range(ROWS):
        session.add(
            Customer(
                email=f"customer{number}@example.com",
                first_name=f"first {number}",
                last_name=f"last {number}",
                city=f"city {number}",
                phone=f"+49151{number:07}",
                credit_limit=decimal.Decimal(1),
                rating=1,
                is_active=True,
                joined_at=datetime.datetime(2026, 1, 1),  # noqa: DTZ001
            )
        )
    session.flush()


def by_the_harness(session: Session) -> None:
    start_sequences()
    with bound_to(session):
        factory_for(Customer).create_batch(ROWS)


def by_factory_boy(session: Session) -> None:
    FakerFactory._meta.sqlalchemy_session = session
    FakerFactory.create_batch(ROWS)
    session.flush()


def by_polyfactory(session: Session) -> None:

    session.add_all(PolyFactory.batch(ROWS))
    session.flush()


def main() -> None:
    """Measure in turns, so that what else the machine does falls on all alike."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    ways: dict[str, Callable[[Session], None]] = {
        "by hand": by_hand,
        "harness": by_the_harness,
        "factory_boy": by_factory_boy,
        "polyfactory": by_polyfactory,
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    # As `timeit` does: a full collection takes longer than a turn, and falls on one or the other.
    gc.disable()
    for _ in range(TURNS + 1):
        for name, make in ways.items():
            gc.collect()
            with Session(engine) as session:
                began = time.process_time()
                make(session)
                taken[name].append(time.process_time() - began)
    gc.enable()
    # The first turn is the one in which statements are compiled.
    print(json.dumps({name: times[1:] for name, times in taken.items()}))


if __name__ == "__main__":
    main()
