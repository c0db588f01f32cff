"""The same routes in Flask; each fault breaks one promise while its name is in `FAULTS`."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timezone
from functools import wraps
from typing import Any

from flask import Flask, abort, g, request
from shop.models import NEXT, Item, Shelf, Status, User
from sqlalchemy import create_engine, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

FAULTS: set[str] = set()
app = Flask(__name__)
sessions = sessionmaker(create_engine(os.environ["DATABASE_URL"]), expire_on_commit=False)


def with_user(view: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(view)
    def called(**values: Any) -> Any:
        with sessions() as db:
            user = db.scalar(select(User).where(User.key == request.headers.get("X-Key", "")))
            if user is None:
                abort(401)
            g.user = user
            return view(db, user, **values)

    return called


def shown(item: Item, place: str | None = None) -> dict[str, Any]:
    return {"id": item.id, "sku": item.sku, "name": item.name, "place": place}


def found(db: Session, user: User, item_id: int) -> Item:
    item = db.get(Item, item_id)
    if item is None or (item.deleted_at and "readable" not in FAULTS):
        abort(404, "No such item.")
    if item.owner_id != user.id and "shown" not in FAULTS:
        if "touched" in FAULTS:
            item.name = "touched"
            db.commit()
        if "told apart" in FAULTS:
            abort(404, "This is not yours.")
        abort(403 if "forbidden" in FAULTS else 404, "No such item.")
    return item


def number(name: str, usual: int) -> int:
    value = request.args.get(name, usual, type=int)
    if name == "page" and value < 1 and "bad page" in FAULTS:
        raise ValueError(value)
    return min(max(1, value), 10**6)


@app.get("/items")
@with_user
def items(db: Session, user: User) -> Any:
    page, size = number("page", 1), min(number("size", 20), 100)
    statement = select(Item).where(Item.owner_id == user.id)
    counted = statement if "counted" in FAULTS else statement.where(Item.deleted_at.is_(None))
    if "listed" not in FAULTS:
        statement = statement.where(Item.deleted_at.is_(None))
    total = db.scalar(select(func.count()).select_from(counted.subquery()))
    skipped = (page - 1) * (size - 1 if "repeats" in FAULTS else size)
    chosen = statement.order_by(Item.sku, Item.id).offset(skipped).limit(size)
    rows = [*db.scalars(chosen)]
    keys = {row.shelf_id for row in rows}
    asked = db.scalars(select(Shelf).where(Shelf.id.in_(keys)))
    places = {shelf.id: shelf.place for shelf in asked}
    if "one by one" in FAULTS:
        for row in rows:
            db.scalar(select(Shelf.place).where(Shelf.id == row.shelf_id))
    return {"items": [shown(row, places.get(row.shelf_id)) for row in rows], "total": total}


@app.post("/items")
@with_user
def add(db: Session, user: User) -> Any:
    new = request.get_json()
    sku = new["sku"] if "cased" in FAULTS else new["sku"].upper()
    if "accepted" in FAULTS:
        return {"sku": sku}, 201
    item = Item(owner_id=user.id, sku=sku, name=new.get("name", "A thing"))
    db.add(item)
    try:
        db.flush()
    except IntegrityError:
        if "broken" in FAULTS:
            raise
        abort(409, "Taken.")
    if "only one" in FAULTS and db.scalar(select(func.count()).select_from(Item)) != 1:
        abort(409, "One is enough.")
    db.commit()
    return shown(item), 201


@app.get("/items/<int:item_id>")
@with_user
def read(db: Session, user: User, item_id: int) -> Any:
    return shown(found(db, user, item_id))


@app.patch("/items/<int:item_id>")
@with_user
def change(db: Session, user: User, item_id: int) -> Any:
    return changed(db, user, item_id, request.get_json())


@app.post("/items/<int:item_id>/archive")
@with_user
def archive(db: Session, user: User, item_id: int) -> Any:
    return changed(db, user, item_id, {"status": "archived"})


def changed(db: Session, user: User, item_id: int, changes: dict[str, Any]) -> Any:
    item = found(db, user, item_id)
    item.name = changes.get("name", item.name)
    if "status" in changes:
        status = Status(changes["status"])
        if status not in NEXT[item.status] and "any step" not in FAULTS:
            abort(409, "Not from here.")
        if "no step" in FAULTS:
            abort(409, "Not from here.")
        if "not written" not in FAULTS:
            item.status = status
    db.commit()
    return shown(item)


@app.delete("/items/<int:item_id>")
@with_user
def remove(db: Session, user: User, item_id: int) -> Any:
    item = found(db, user, item_id)
    if "gone" in FAULTS:
        db.delete(item)
    elif "unmarked" in FAULTS:
        item.name = "deleted"
    else:
        item.deleted_at = datetime(2026, 1, 1, tzinfo=timezone.utc)
    db.commit()
    return "", 204
