"""Routes with one thing of each kind that can be broken."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Annotated, Any

import jwt
from depot.models import Item, User, verify_password
from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel, Field
from sqlalchemy import create_engine, delete, select
from sqlalchemy.orm import Session, sessionmaker

KEY = "a key of the application, long enough"
app = FastAPI()
sessions = sessionmaker(create_engine(os.environ["DATABASE_URL"]), expire_on_commit=False)


def session() -> Iterator[Session]:
    with sessions() as opened:
        yield opened


Db = Annotated[Session, Depends(session)]


def current(db: Db, authorization: Annotated[str, Header()] = "") -> User:
    try:
        claims = jwt.decode(authorization.removeprefix("Bearer "), KEY, algorithms=["HS256"])
    except jwt.PyJWTError:
        raise HTTPException(401, "Who are you?") from None
    return db.get_one(User, int(claims["sub"]))


Current = Annotated[User, Depends(current)]


def require_admin(user: Current) -> None:
    if user.role != "admin":
        raise HTTPException(403, "Not you.")


def check_owner(user: User, item: Item) -> None:
    if item.owner_id != user.id:
        raise HTTPException(403, "Not yours.")


class Login(BaseModel):
    name: str
    password: str


class New(BaseModel):
    name: str = Field(max_length=10)


class Changes(BaseModel):
    status: str


@app.post("/login")
def login(db: Db, given: Login) -> dict[str, str]:
    user = db.scalar(select(User).where(User.name == given.name))
    if user is None or not verify_password(given.password, user.password):
        raise HTTPException(401, "No.")
    return {"token": jwt.encode({"sub": str(user.id)}, KEY, algorithm="HS256")}


@app.get("/me")
def me(user: Current) -> dict[str, Any]:
    return {"id": user.id, "name": user.name}


@app.get("/items")
def items(
    db: Db,
    user: Current,
    status: str | None = None,
    size: int = 20,
) -> list[str]:
    statement = select(Item).where(Item.owner_id == user.id)
    if status is not None:
        statement = statement.where(Item.status == status)
    return [item.name for item in db.scalars(statement.order_by(Item.id).limit(size))]


@app.post("/items", status_code=201)
def add(db: Db, user: Current, new: New) -> dict[str, int]:
    item = Item(owner_id=user.id, name=new.name)
    db.add(item)
    db.flush()
    db.commit()
    return {"id": item.id}


@app.patch("/items/{item_id}")
def change(db: Db, user: Current, item_id: int, changes: Changes) -> dict[str, str]:
    item = db.get_one(Item, item_id)
    check_owner(user, item)
    if item.status == "sold":
        raise HTTPException(409, "It is sold.")
    item.status = changes.status
    db.flush()
    return {"status": item.status}


@app.delete("/items", status_code=204, dependencies=[Depends(require_admin)])
def clear(db: Db) -> None:
    db.execute(delete(Item))


@app.get("/report")
def report(db: Db, _: Current) -> int:
    return len(db.scalars(select(Item.id)).all())
