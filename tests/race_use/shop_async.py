"""What the shop does, right and wrong: `wrong_` reads first, and then writes what it made of it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.models import Account, Order, Page, Payment, Ticket
from fastapi import FastAPI, HTTPException
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

engine = create_async_engine(os.environ["DATABASE_URL"])
app = FastAPI()


@asynccontextmanager
async def opened() -> AsyncIterator[AsyncSession]:
    async with AsyncSession(engine, expire_on_commit=False) as session:
        yield session


@app.get("/accounts/{number}")
async def read(number: int) -> dict[str, int]:
    async with opened() as session:
        account = await session.get_one(Account, number)
        return {"balance": account.balance}


@app.get("/wrong/accounts/{number}")
async def wrong_read(number: int) -> dict[str, int]:
    async with opened() as session:
        account = await session.get_one(Account, number, with_for_update=True)
        return {"balance": account.balance}


@app.post("/accounts/{email}", status_code=201)
async def sign_up(email: str) -> dict[str, int]:
    async with opened() as session:
        if await session.scalar(select(Account.id).where(Account.email == email)):
            raise HTTPException(409)
        account = Account(email=email)
        session.add(account)
        try:
            await session.commit()
        except IntegrityError:
            raise HTTPException(409) from None
        return {"id": account.id}


@app.post("/wrong/accounts/{email}", status_code=201)
async def wrong_sign_up(email: str) -> dict[str, int]:
    async with opened() as session:
        if await session.scalar(select(Account.id).where(Account.email == email)):
            raise HTTPException(409)
        account = Account(email=email)
        session.add(account)
        await session.commit()
        return {"id": account.id}


@app.post("/balance/{number}")
async def earn(number: int) -> None:
    async with opened() as session:
        await session.execute(
            update(Account).where(Account.id == number).values(balance=Account.balance + 10)
        )
        await session.commit()


@app.post("/locked/balance/{number}")
async def earn_locked(number: int) -> None:
    async with opened() as session:
        account = await session.get_one(Account, number, with_for_update=True)
        account.balance += 10
        await session.commit()


@app.post("/wrong/balance/{number}")
async def wrong_earn(number: int) -> None:
    async with opened() as session:
        account = await session.get_one(Account, number)
        account.balance += 10
        await session.commit()


@app.post("/tickets", status_code=201)
async def draw() -> dict[str, int]:
    async with opened() as session:
        ticket = Ticket(number=0)
        session.add(ticket)
        await session.commit()
        return {"number": ticket.id}


@app.post("/wrong/tickets", status_code=201)
async def wrong_draw() -> dict[str, int]:
    async with opened() as session:
        last = await session.scalar(select(func.max(Ticket.number)))
        ticket = Ticket(number=(last or 0) + 1)
        session.add(ticket)
        await session.commit()
        return {"number": ticket.number}


@app.post("/payments/{key}")
async def pay(key: str) -> dict[str, int]:
    async with opened() as session:
        payment = Payment(key=key)
        session.add(payment)
        try:
            await session.commit()
        except IntegrityError:
            await session.rollback()
            payment = (await session.scalars(select(Payment).where(Payment.key == key))).one()
        return {"id": payment.id}


@app.post("/wrong/payments/{key}")
async def wrong_pay(key: str) -> dict[str, int]:
    async with opened() as session:
        found = await session.scalar(select(Order).where(Order.cart == key))
        if found is None:
            found = Order(cart=key)
            session.add(found)
            await session.commit()
        return {"id": found.id}


async def move(first: int, second: int) -> None:
    """Move ten from one account to another, which are changed in the order they are given."""
    async with opened() as session:
        for number, amount in ((first, -10), (second, 10)):
            await session.execute(
                update(Account).where(Account.id == number).values(balance=Account.balance + amount)
            )
        await session.commit()


async def rename(number: int, title: str) -> None:
    """Give a page another title."""
    async with opened() as session:
        page = await session.get_one(Page, number)
        page.title = title
        await session.commit()
