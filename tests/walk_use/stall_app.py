"""Routes over teams and items; each fault breaks one promise while its name is in `FAULTS`."""

from __future__ import annotations

import html
import os
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, HTTPException, Query, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel
from sqlalchemy import Select, create_engine, func, select, text
from sqlalchemy.orm import Session, selectinload, sessionmaker
from stall.models import Item, Membership, Note, Role, Shelf, User

FAULTS: set[str] = set()
app = FastAPI()
engine = create_engine(os.environ["DATABASE_URL"])
sessions = sessionmaker(engine, expire_on_commit=False)
seen: list[str] = []


def session() -> Iterator[Session]:
    with sessions() as opened:
        yield opened


Db = Annotated[Session, Depends(session)]


def known(db: Db, x_key: Annotated[str, Header()] = "") -> User:
    user = db.scalar(select(User).where(User.key == x_key))
    if user is None or not (user.is_active or "inactive" in FAULTS):
        raise HTTPException(401, "Who are you?")
    return user


def current(user: Annotated[User, Depends(known)]) -> User:
    if not user.is_active:
        raise HTTPException(401, "You were here.")
    return user


Current = Annotated[User, Depends(current)]


class Written(BaseModel):
    """What is sent of an item."""

    model_config = {"extra": "allow"}
    name: str


class Paged(BaseModel):
    """Which page is read; what is out of bounds is taken as what is nearest."""

    limit: int = 20
    offset: int = 0


def of_team(db: Db, user: User) -> Select[Any]:
    statement = select(Item)
    if "tenancy" not in FAULTS:
        mine = select(Membership.team_id).where(Membership.user_id == user.id)
        statement = statement.where(Item.team_id.in_(mine))
    if "deleted" not in FAULTS:
        statement = statement.where(Item.deleted_at.is_(None))
    return statement


def shown(item: Item) -> dict[str, Any]:
    told = {"id": item.id, "name": item.name, "shelf": item.shelf.place}
    told["notes"] = [note.words for note in item.notes]
    return {**told, "reset": item.reset_token} if "private" in FAULTS else told


def found(db: Session, user: User, item_id: int) -> Item:
    item = db.scalar(of_team(db, user).where(Item.id == item_id))
    if item is None:
        raise HTTPException(404, "No such item.")
    return item


def to_write(db: Session, user: User, item: Item) -> None:
    membership = select(Membership).where(
        Membership.user_id == user.id, Membership.team_id == item.team_id
    )
    member = db.scalar(membership)
    if member is None or member.role is not Role.OWNER:
        raise HTTPException(403, "Not you.")


@app.get("/me")
def me(user: Current) -> dict[str, Any]:
    seen.append(user.name)
    return {"id": user.id, "name": seen[0] if "identity" in FAULTS else user.name}


@app.get("/items")
def items(db: Db, user: Current, paged: Annotated[Paged, Query()]) -> dict[str, Any]:
    limit, offset = max(0, min(paged.limit, 100)), max(0, min(paged.offset, 10**6))
    if "bad page" in FAULTS and paged.offset < 0:
        raise ValueError("a page before the first")
    statement = of_team(db, user)
    total = db.scalar(select(func.count()).select_from(statement.subquery())) or 0
    if "order" not in FAULTS:
        statement = statement.order_by(Item.created_at.desc())
    if "budget" not in FAULTS:
        statement = statement.options(selectinload(Item.shelf), selectinload(Item.notes))
    skipped = offset + bool(offset) if "skips" in FAULTS else offset - bool(offset)
    statement = statement.offset(skipped if FAULTS & {"skips", "repeats"} else offset)
    if "limit" not in FAULTS:
        statement = statement.limit(limit)
    rows = [shown(item) for item in db.scalars(statement)]
    return {"items": rows, "total": total + 1 if "total" in FAULTS else total}


@app.get("/items/{item_id}")
def read(db: Db, user: Current, item_id: int) -> dict[str, Any]:
    return shown(found(db, user, item_id))


@app.post("/items", status_code=201)
def add(db: Db, user: Current, written: Written) -> dict[str, Any]:
    membership = db.scalar(select(Membership).where(Membership.user_id == user.id))
    if membership is None:
        raise HTTPException(403, "Nobody's.")
    shelf = Shelf(place="in front")
    item = Item(team_id=membership.team_id, author_id=user.id, name=written.name, shelf=shelf)
    if "smuggled" in FAULTS:
        for name, value in (written.model_extra or {}).items():
            setattr(item, name, value)
    db.add(item)
    db.flush()
    if "untouched" in FAULTS:
        db.commit()
    to_write(db, user, item)
    db.commit()
    return {"id": item.id}


@app.patch("/items/{item_id}")
def change(db: Db, user: Current, item_id: int, written: Written) -> dict[str, Any]:
    item = found(db, user, item_id)
    if "tenancy" not in FAULTS:
        to_write(db, user, item)
    item.name = written.name
    db.commit()
    return {"id": item.id}


@app.get("/shelves")
def shelves(db: Db, user: Current, page: int = 1, per_page: int = 3) -> list[dict[str, Any]]:
    page, size = max(1, page), max(1, per_page)
    skipped = (page - 1) * (size - 1 if "overlap" in FAULTS else size)
    statement = select(Shelf).order_by(Shelf.id).offset(min(skipped, 10**9)).limit(size)
    return [{"id": shelf.id, "place": shelf.place} for shelf in db.scalars(statement)]


@app.get("/notes")
def notes(db: Db, user: Current, limit: int = 20, cursor: str = "") -> dict[str, Any]:
    after = int(cursor) if cursor.isdecimal() else 0
    mine = of_team(db, user).with_only_columns(Item.id)
    statement = select(Note).where(Note.item_id.in_(mine), Note.id > after).order_by(Note.id)
    size = max(1, min(limit, 100))
    rows = [*db.scalars(statement.limit(size + 1))]
    # The first of the next page was read to know whether there is one.
    last = rows[size if "cursor" in FAULTS else size - 1].id if len(rows) > size else None
    return {"data": [{"id": it.id, "words": it.words} for it in rows[:size]], "next_cursor": last}


@app.post("/shelves", status_code=201)
def shelve(db: Db, written: Written, x_key: Annotated[str, Header()] = "") -> dict[str, Any]:
    if "open" not in FAULTS:
        current(known(db, x_key))
    db.add(Shelf(place=written.name))
    db.commit()
    return {}


@app.get("/search")
def search(db: Db, user: Current, q: str = "") -> list[int]:
    if "injection" in FAULTS:
        sql = f"SELECT id FROM items WHERE name = '{q}' --"  # noqa: S608 - the fault
        return [*db.scalars(text(sql))]
    if ("any text" in FAULTS and q.startswith("wk7")) or ("odd text" in FAULTS and "'" in q):
        raise LookupError(q)
    return [*db.scalars(of_team(db, user).where(Item.name == q).with_only_columns(Item.id))]


@app.post("/sign-out")
def leave(db: Db, x_key: Annotated[str, Header()] = "") -> dict[str, Any]:
    """Who has been switched off may leave."""
    if db.scalar(select(User).where(User.key == x_key)) is None:
        raise HTTPException(401, "Who are you?")
    return {}


@app.get("/hello", response_class=HTMLResponse)
def hello(user: Annotated[User, Depends(known)], name: str = "") -> Response:
    said = name if "markup" in FAULTS else html.escape(name)
    return HTMLResponse(f"<p>Hello, {said}.</p>")
