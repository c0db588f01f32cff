"""What tests ask of factories. Written once; the synchronous twin is derived where it is run."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from factories import CustomerFactory, LineFactory, NoteFactory, OrderFactory
from shop.models import Customer, Line, Note, Order, Tag
from sqlalchemy import event, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession


async def count(db: AsyncSession, model: type[Any]) -> int:
    return await db.scalar(select(func.count()).select_from(model)) or 0


async def test_a_value_is_overridden(db: AsyncSession) -> None:
    customer = await CustomerFactory.create_async(name="Ada")
    assert await db.scalar(select(Customer.name)) == customer.name == "Ada"


async def test_what_the_database_fills_in_can_be_read(db: AsyncSession) -> None:
    assert (await CustomerFactory.create_async()).created_at is not None
    order = await OrderFactory.create_async(notes=2)
    assert order.customer.created_at is not None
    assert [note.written_at is not None for note in order.notes] == [True, True]


async def test_a_parent_is_made_when_it_is_missing(db: AsyncSession) -> None:
    line = await LineFactory.create_async()
    assert line.order.customer.id is not None
    assert await count(db, Customer) == 1


async def test_a_parent_is_shared_when_it_is_given(db: AsyncSession) -> None:
    customer = await CustomerFactory.create_async()
    orders = await OrderFactory.create_batch_async(3, customer=customer)
    assert {order.customer_id for order in orders} == {customer.id}
    assert await count(db, Customer) == 1


async def test_a_value_of_a_parent_is_given(db: AsyncSession) -> None:
    line = await LineFactory.create_async(order__customer__name="Ada")
    assert line.order.customer.name == "Ada"


async def test_children_are_made_by_number(db: AsyncSession) -> None:
    order = await OrderFactory.create_async(lines=3)
    assert [line.order_id for line in order.lines] == [order.id] * 3
    assert await count(db, Line) == 3
    assert await count(db, Order) == 1


async def test_children_are_made_with_values_for_all(db: AsyncSession) -> None:
    order = await OrderFactory.create_async(lines=2, lines__quantity=5)
    assert [line.quantity for line in order.lines] == [5, 5]


async def test_children_are_made_with_values_of_each(db: AsyncSession) -> None:
    order = await OrderFactory.create_async(lines=[{"quantity": 5}, {}])
    assert [line.quantity for line in order.lines] == [5, 1]


async def test_children_without_a_way_back_are_made(db: AsyncSession) -> None:
    order = await OrderFactory.create_async(notes=2, notes__text="Ring twice.")
    assert [note.text for note in order.notes] == ["Ring twice."] * 2
    assert set(await db.scalars(select(Note.order_id))) == {order.id}
    assert await count(db, Order) == 1


async def test_many_are_made_for_many(db: AsyncSession) -> None:
    order = await OrderFactory.create_async(tags=2)
    found = await db.scalars(select(Tag.name).join(Order.tags).where(Order.id == order.id))
    assert set(found) == {tag.name for tag in order.tags} == {"tag-0", "tag-1"}


async def test_one_child_is_made(db: AsyncSession) -> None:
    customer = await CustomerFactory.create_async(address=1, address__street="Side Street")
    assert customer.address.street == "Side Street"
    assert customer.address.customer_id == customer.id


async def test_grandchildren_are_made(db: AsyncSession) -> None:
    customer = await CustomerFactory.create_async(orders=[{"lines": 2}, {"lines": 1}])
    assert [len(order.lines) for order in customer.orders] == [2, 1]
    assert await count(db, Line) == 3


async def test_a_trait_is_asked_for(db: AsyncSession) -> None:
    order = await OrderFactory.create_async(sent=True)
    assert (order.status, len(order.lines)) == ("sent", 2)
    assert order.sent_on == datetime.date(2026, 2, 1)
    draft = await OrderFactory.create_async()
    assert (draft.status, draft.sent_on) == ("draft", None)


@pytest.mark.parametrize("time", ["first", "second"])
async def test_a_code_counts_in_each_test(db: AsyncSession, time: str) -> None:
    year = datetime.datetime.now(datetime.timezone.utc).year
    orders = [await OrderFactory.create_async() for _ in range(2)]
    assert [order.number for order in orders] == [f"SO-{year}-0001", f"SO-{year}-0002"]


async def test_a_code_has_the_year_of_the_clock(
    db: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Frozen(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Frozen:
            return cls(1999, 12, 31, tzinfo=tz)

    monkeypatch.setattr(datetime, "datetime", Frozen)
    assert (await OrderFactory.create_async()).number == "SO-1999-0001"


@contextmanager
def flushes_of(db: AsyncSession) -> Iterator[list[Any]]:
    session, seen = getattr(db, "sync_session", db), []
    event.listen(session, "after_flush", lambda *about: seen.append(about))
    yield seen


async def test_a_batch_is_written_in_one_flush(db: AsyncSession) -> None:
    with flushes_of(db) as flushes:
        orders = await OrderFactory.create_batch_async(50)
    assert len(flushes) == 1
    assert len({order.customer_id for order in orders}) == 50
    assert await count(db, Order) == 50


async def test_a_batch_has_children(db: AsyncSession) -> None:
    with flushes_of(db) as flushes:
        orders = await OrderFactory.create_batch_async(20, notes=2)
    assert len(flushes) == 1
    assert {len(order.notes) for order in orders} == {2}
    assert await count(db, Note) == 40


async def test_a_batch_whose_values_ask_for_an_id_gets_it(db: AsyncSession) -> None:
    lines = await LineFactory.create_batch_async(3)
    assert [line.article for line in lines] == [f"article-{line.order_id:03}" for line in lines]


async def test_a_batch_that_breaks_a_constraint_is_refused(db: AsyncSession) -> None:
    with pytest.raises(IntegrityError):
        await CustomerFactory.create_batch_async(2, email="the same")


async def test_a_built_object_is_not_written(db: AsyncSession) -> None:
    order = OrderFactory.build(customer__name="Ada", notes=2)
    assert (order.customer.name, len(order.notes)) == ("Ada", 2)
    assert await count(db, Order) == 0


async def test_a_fixture_makes_rows(db: AsyncSession, customer_factory: Any) -> None:
    ada = await customer_factory(name="Ada")
    more = await customer_factory.batch(2)
    assert set(await db.scalars(select(Customer.id))) == {ada.id, *(each.id for each in more)}
    assert customer_factory.build().id is None


async def test_all_factories_are_in_a_fixture(factories: Any) -> None:
    order = await factories.order(customer=await factories.customer(name="Ada"))
    assert order.customer.name == "Ada"
    assert {"customer", "order", "line"} <= set(dir(factories))


async def test_a_factory_that_is_missing_is_named(factories: Any) -> None:
    with pytest.raises(Exception, match="There is no factory for 'invoice'") as refused:
        factories.invoice()
    assert "class InvoiceFactory(ModelFactory)" in str(refused.value)


@pytest.mark.parametrize("time", ["first", "second"])
async def test_nothing_is_left_behind(db: AsyncSession, time: str) -> None:
    assert await count(db, Note) == 0
    await NoteFactory.create_async()


async def test_random_values_are_those_of_the_seed(db: AsyncSession) -> None:
    drawn = [(await CustomerFactory.create_async()).name for _ in range(5)]
    print("drawn:", random.random(), *drawn)


async def test_a_scenario_is_played(db: AsyncSession, scenario: Any) -> None:
    shop = await scenario("busy")
    assert (shop["ada"].name, shop["ada"].created_at is not None) == ("Ada", True)
    assert {order.customer_id for order in shop["orders"]} == {shop["ada"].id}
    assert (await count(db, Customer), await count(db, Line)) == (2, 6)


async def test_a_scenario_that_is_missing_is_named(scenario: Any) -> None:
    with pytest.raises(Exception, match="no scenario 'bussy'") as refused:
        await scenario("bussy")
    assert "broken, busy, straying" in str(refused.value)
