"""What the shop does, right and wrong: `wrong_` reads first, and then writes what it made of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from app.models import Account, Order, Page, Payment, Ticket
from fastapi import FastAPI, HTTPException
from sqlalchemy import create_engine, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

engine = create_engine(os.environ["DATABASE_URL"])
app = FastAPI()


@contextmanager
def opened() -> Iterator[Session]:
    with Session(engine, expire_on_commit=False) as session:
        yield session


@app.get("/accounts/{number}")
def read(number: int) -> dict[str, int]:
    with opened() as session:
        account = session.get_one(Account, number)
        return {"balance": account.balance}


@app.get("/wrong/accounts/{number}")
def wrong_read(number: int) -> dict[str, int]:
    with opened() as session:
        account = session.get_one(Account, number, with_for_update=True)
        return {"balance": account.balance}


@app.post("/accounts/{email}", status_code=201)
def sign_up(email: str) -> dict[str, int]:
    with opened() as session:
        if session.scalar(select(Account.id).where(Account.email == email)):
            raise HTTPException(409)
        account = Account(email=email)
        session.add(account)
        try:
            session.commit()
        except IntegrityError:
            raise HTTPException(409) from None
        return {"id": account.id}


@app.post("/wrong/accounts/{email}", status_code=201)
def wrong_sign_up(email: str) -> dict[str, int]:
    with opened() as session:
        if session.scalar(select(Account.id).where(Account.email == email)):
            raise HTTPException(409)
        account = Account(email=email)
        session.add(account)
        session.commit()
        return {"id": account.id}


@app.post("/balance/{number}")
def earn(number: int) -> None:
    with opened() as session:
        session.execute(
            update(Account).where(Account.id == number).values(balance=Account.balance + 10)
        )
        session.commit()


@app.post("/locked/balance/{number}")
def earn_locked(number: int) -> None:
    with opened() as session:
        account = session.get_one(Account, number, with_for_update=True)
        account.balance += 10
        session.commit()


@app.post("/wrong/balance/{number}")
def wrong_earn(number: int) -> None:
    with opened() as session:
        account = session.get_one(Account, number)
        account.balance += 10
        session.commit()


@app.post("/tickets", status_code=201)
def draw() -> dict[str, int]:
    with opened() as session:
        ticket = Ticket(number=0)
        session.add(ticket)
        session.commit()
        return {"number": ticket.id}


@app.post("/wrong/tickets", status_code=201)
def wrong_draw() -> dict[str, int]:
    with opened() as session:
        last = session.scalar(select(func.max(Ticket.number)))
        ticket = Ticket(number=(last or 0) + 1)
        session.add(ticket)
        session.commit()
        return {"number": ticket.number}


@app.post("/payments/{key}")
def pay(key: str) -> dict[str, int]:
    with opened() as session:
        payment = Payment(key=key)
        session.add(payment)
        try:
            session.commit()
        except IntegrityError:
            session.rollback()
            payment = (session.scalars(select(Payment).where(Payment.key == key))).one()
        return {"id": payment.id}


@app.post("/wrong/payments/{key}")
def wrong_pay(key: str) -> dict[str, int]:
    with opened() as session:
        found = session.scalar(select(Order).where(Order.cart == key))
        if found is None:
            found = Order(cart=key)
            session.add(found)
            session.commit()
        return {"id": found.id}


def move(first: int, second: int) -> None:
    """Move ten from one account to another, which are changed in the order they are given."""
    with opened() as session:
        for number, amount in ((first, -10), (second, 10)):
            session.execute(
                update(Account).where(Account.id == number).values(balance=Account.balance + amount)
            )
        session.commit()


def rename(number: int, title: str) -> None:
    """Give a page another title."""
    with opened() as session:
        page = session.get_one(Page, number)
        page.title = title
        session.commit()
