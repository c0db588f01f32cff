"""Races against the shop: what it does right passes, what it does wrong is called by its name."""

from __future__ import annotations

import os
from asyncio import Lock, sleep

import pytest
from app.main import move, rename
from app.models import Account, Order, Page, Payment, Ticket
from sqlalchemy import func, select
from sqlalchemy.orm.exc import StaleDataError

from test_harness.settings import settings

ROUNDS = range(int(os.environ.get("ROUNDS", "1")))
ENGINE = settings().database.engine


@pytest.fixture
async def accounts(db):
    accounts = [Account(email=f"{name}@example.com", balance=100) for name in ("a", "b")]
    db.add_all(accounts)
    await db.flush()
    return accounts


@pytest.mark.parametrize("round_", ROUNDS)
async def test_many_creates(race, db, client, round_):
    outcomes = await race(20, lambda _: client.post("/tickets"))
    numbers = outcomes.assert_unique(lambda answer: answer.json()["number"])
    assert set((await db.scalars(select(Ticket.id))).all()) == set(numbers)


async def test_many_creates_with_numbers_of_their_own_making(race, client):
    outcomes = await race(4, lambda _: client.post("/wrong/tickets"))
    with pytest.raises(AssertionError, match="4 creates at once share 1"):
        outcomes.assert_unique(lambda answer: answer.json()["number"])


@pytest.mark.parametrize("round_", ROUNDS)
async def test_many_reads(race, client, accounts, round_):
    number = accounts[0].id
    outcomes = await race(30, lambda _: client.get(f"/accounts/{number}"), meet="read")
    outcomes.assert_not_blocked()


@pytest.mark.skipif(ENGINE == "sqlite", reason="it locks no rows")
async def test_many_reads_that_lock(race, client, accounts):
    number = accounts[0].id
    outcomes = await race(3, lambda _: client.get(f"/wrong/accounts/{number}"), meet="read")
    with pytest.raises(AssertionError, match=r"a read that blocks others: .* at app/main.py:\d+"):
        outcomes.assert_not_blocked()


@pytest.mark.parametrize("round_", ROUNDS)
async def test_one_address(race, db, client, round_):
    outcomes = await race(3, lambda _: client.post("/accounts/c@example.com"))
    assert outcomes.assert_one_won().status == 201
    assert [one.status for one in outcomes.lost] == [409, 409]
    assert await db.scalar(select(func.count()).select_from(Account)) == 1


async def test_one_address_where_the_second_ends_in_an_error(race, client):
    outcomes = await race(2, lambda _: client.post("/wrong/accounts/c@example.com"))
    with pytest.raises(AssertionError, match="IntegrityError") as failure:
        outcomes.assert_one_won()
    assert "read at app/main.py:" in str(failure.value)
    assert "write at app/main.py:" in str(failure.value)


@pytest.mark.parametrize(
    "path", ["/balance"] if ENGINE == "sqlite" else ["/balance", "/locked/balance"]
)
@pytest.mark.parametrize("round_", ROUNDS)
async def test_a_balance(race, client, accounts, path, round_):
    account = accounts[0]
    outcomes = await race(3, lambda _: client.post(f"{path}/{account.id}"))
    outcomes.assert_none_lost(100, account.balance, each=10)
    assert account.balance == 130


async def test_a_balance_that_is_read_and_written(race, client, accounts):
    account = accounts[0]
    outcomes = await race(2, lambda _: client.post(f"/wrong/balance/{account.id}"))
    with pytest.raises(
        AssertionError, match=r"a lost update: 2 of 2 .* from 100 to 110, not to 120"
    ):
        outcomes.assert_none_lost(100, account.balance, each=10)


@pytest.mark.parametrize("round_", ROUNDS)
async def test_an_idempotency_key(race, db, client, round_):
    outcomes = await race(3, lambda _: client.post("/payments/k"))
    outcomes.assert_same_answer(lambda answer: answer.json()["id"])
    outcomes.assert_made(await db.scalar(select(func.count()).select_from(Payment)))


async def test_an_idempotency_key_that_is_looked_for(race, db, client):
    outcomes = await race(2, lambda _: client.post("/wrong/payments/k"))
    with pytest.raises(AssertionError, match="one idempotency key gave 2 answers"):
        outcomes.assert_same_answer(lambda answer: answer.json()["id"])
    with pytest.raises(AssertionError, match="a double submit: 2 submits at once made 2, not 1"):
        outcomes.assert_made(await db.scalar(select(func.count()).select_from(Order)))


@pytest.mark.parametrize("round_", ROUNDS)
async def test_a_version(race, db, round_):
    page = Page(title="old")
    db.add(page)
    await db.flush()
    outcomes = await race(2, lambda number: rename(page.id, f"new {number}"))
    won = outcomes.assert_one_won(refused=StaleDataError)
    assert page.title == f"new {won.number}"


@pytest.mark.parametrize("round_", ROUNDS)
async def test_moves_in_one_order(race, accounts, round_):
    first, second = (account.id for account in accounts)
    outcomes = await race(2, lambda _: move(first, second))
    outcomes.assert_all_won()
    assert [account.balance for account in accounts] == [80, 120]


@pytest.mark.skipif(ENGINE == "sqlite", reason="it locks the whole database")
async def test_moves_in_two_orders(race, accounts):
    first, second = (account.id for account in accounts)
    outcomes = await race(2, lambda _: move(first, second), lambda _: move(second, first))
    assert len(outcomes.lost) == 1
    with pytest.raises(AssertionError, match=r"ended in a deadlock at app/main.py"):
        outcomes.assert_all_won()


async def test_what_never_ends_is_told(race):
    locks = [Lock(), Lock()]

    async def take(first, second):
        async with first:
            await sleep(0.05)
            async with second:
                pass

    with pytest.raises(
        Exception, match=r"2 participants of the race did not end within 0.5"
    ) as told:
        await race(2, lambda _: take(*locks), lambda _: take(*locks[::-1]), seconds=0.5)
    assert str(told.value).count("in take") == 2
