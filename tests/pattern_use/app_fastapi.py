"""Routes over items; each fault breaks one promise while its name is in `FAULTS`."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import datetime, timezone
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel
from shop.models import NEXT, Item, Shelf, Status, User
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

FAULTS: set[str] = set()
app = FastAPI()
sessions = async_sessionmaker(
    create_async_engine(os.environ["DATABASE_URL"]), expire_on_commit=False
)


async def session() -> AsyncIterator[AsyncSession]:
    async with sessions() as opened:
        yield opened


Db = Annotated[AsyncSession, Depends(session)]


async def current(db: Db, x_key: Annotated[str, Header()] = "") -> User:
    user = await db.scalar(select(User).where(User.key == x_key))
    if user is None:
        raise HTTPException(401, "Who are you?")
    return user


Current = Annotated[User, Depends(current)]


class New(BaseModel):
    sku: str
    name: str = "A thing"


class Changes(BaseModel):
    name: str | None = None
    status: Status | None = None


def shown(item: Item, place: str | None = None) -> dict[str, Any]:
    return {"id": item.id, "sku": item.sku, "name": item.name, "place": place}


async def found(db: AsyncSession, user: User, item_id: int) -> Item:
    item = await db.get(Item, item_id)
    if item is None or (item.deleted_at and "readable" not in FAULTS):
        raise HTTPException(404, "No such item.")
    if item.owner_id != user.id and "shown" not in FAULTS:
        if "touched" in FAULTS:
            item.name = "touched"
            await db.commit()
        if "told apart" in FAULTS:
            raise HTTPException(404, "This is not yours.")
        raise HTTPException(403 if "forbidden" in FAULTS else 404, "No such item.")
    return item


@app.get("/items")
async def items(db: Db, user: Current, page: int = 1, size: int = 20) -> dict[str, Any]:
    if page < 1 and "bad page" in FAULTS:
        raise ValueError(page)
    statement = select(Item).where(Item.owner_id == user.id)
    counted = statement if "counted" in FAULTS else statement.where(Item.deleted_at.is_(None))
    if "listed" not in FAULTS:
        statement = statement.where(Item.deleted_at.is_(None))
    total = await db.scalar(select(func.count()).select_from(counted.subquery()))
    size = max(1, min(size, 100))
    skipped = min(max(0, page - 1) * (size - 1 if "repeats" in FAULTS else size), 10**9)
    chosen = statement.order_by(Item.sku, Item.id).offset(skipped).limit(size)
    rows = [*await db.scalars(chosen)]
    keys = {row.shelf_id for row in rows}
    if "one by one" in FAULTS:
        places = {key: await db.scalar(select(Shelf.place).where(Shelf.id == key)) for key in keys}
        for row in rows:
            await db.scalar(select(Shelf.place).where(Shelf.id == row.shelf_id))
    else:
        asked = await db.scalars(select(Shelf).where(Shelf.id.in_(keys)))
        places = {shelf.id: shelf.place for shelf in asked}
    return {
        "items": [shown(row, places.get(row.shelf_id)) for row in rows],
        "total": total,
    }


@app.post("/items", status_code=201)
async def add(db: Db, user: Current, new: New) -> dict[str, Any]:
    sku = new.sku if "cased" in FAULTS else new.sku.upper()
    if "accepted" in FAULTS:
        return {"sku": sku}
    item = Item(owner_id=user.id, sku=sku, name=new.name)
    db.add(item)
    try:
        await db.flush()
    except IntegrityError:
        if "broken" in FAULTS:
            raise
        await db.rollback()
        raise HTTPException(409, "Taken.") from None
    if "only one" in FAULTS and await db.scalar(select(func.count()).select_from(Item)) != 1:
        raise HTTPException(409, "One is enough.")
    await db.commit()
    return shown(item)


@app.get("/items/{item_id}")
async def read(db: Db, user: Current, item_id: int) -> dict[str, Any]:
    return shown(await found(db, user, item_id))


@app.patch("/items/{item_id}")
async def change(db: Db, user: Current, item_id: int, changes: Changes) -> dict[str, Any]:
    item = await found(db, user, item_id)
    item.name = changes.name or item.name
    if changes.status is not None:
        if changes.status not in NEXT[item.status] and "any step" not in FAULTS:
            raise HTTPException(409, "Not from here.")
        if "no step" in FAULTS:
            raise HTTPException(409, "Not from here.")
        if "not written" not in FAULTS:
            item.status = changes.status
    await db.commit()
    return shown(item)


@app.post("/items/{item_id}/archive")
async def archive(db: Db, user: Current, item_id: int) -> dict[str, Any]:
    return await change(db, user, item_id, Changes(status=Status.ARCHIVED))


@app.delete("/items/{item_id}", status_code=204)
async def remove(db: Db, user: Current, item_id: int) -> None:
    item = await found(db, user, item_id)
    if "gone" in FAULTS:
        await db.delete(item)
    elif "unmarked" in FAULTS:
        item.name = "deleted"
    else:
        item.deleted_at = datetime(2026, 1, 1, tzinfo=timezone.utc)
    await db.commit()
