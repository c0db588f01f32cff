"""The shed: everything is one user's, in layers, with a trash, steps for several rows and roles."""

from __future__ import annotations

import html
import os
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Annotated, Any, Literal

from depot.models import (
    Box,
    Naming,
    Page,
    Part,
    Public,
    Several,
    Share,
    Shown,
    Thing,
    Ticket,
    User,
    hash_password,
)
from fastapi import Depends, FastAPI, Header, HTTPException, Query, Request  # noqa: F401 - which a fault needs
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel
from sqlalchemy import Select, create_engine, func, or_, select
from sqlalchemy.orm import Session, sessionmaker

app = FastAPI()
engine = create_engine(os.environ["DATABASE_URL"])
sessions = sessionmaker(engine, expire_on_commit=False)
known: dict[Any, Any] = {}


def session() -> Iterator[Session]:
    with sessions() as opened:
        yield opened


Db = Annotated[Session, Depends(session)]


def current(db: Db, x_key: Annotated[str, Header()] = "") -> User:
    user = db.scalar(select(User).where(User.key == x_key))
    if user is None or not user.is_active or user.deleted_at is not None:
        raise HTTPException(401, "Who are you?")
    return user


Me = Annotated[User, Depends(current)]


def admin(user: Me) -> User:
    if user.role != "admin":
        raise HTTPException(403, "Not you.")
    return user


class Signup(BaseModel):
    """Who comes."""

    email: str
    password: str


class Changing(BaseModel):
    """What is sent of a thing that is there."""

    name: str | None = None
    box_id: int | None = None
    words: str | None = None


class Account(BaseModel):
    """What is sent of who asks."""

    email: str


class Things:
    """The things of a user."""

    def __init__(self, db: Db, user: Me) -> None:
        self.db, self.user = db, user

    def every(self) -> Select[Any]:
        return select(Thing).join(Thing.box).where(Box.owner_id == self.user.id)

    def own(self) -> Select[Any]:
        return self.every().where(Thing.deleted_at.is_(None))

    def box(self, box_id: int) -> Box:
        box = self.db.get(Box, box_id)
        if box is None or box.owner_id != self.user.id:
            raise HTTPException(404, "No such box.")
        return box

    def one(self, thing_id: int) -> Thing:
        thing: Thing | None = self.db.scalar(self.own().where(Thing.id == thing_id))
        if thing is None:
            raise HTTPException(404, "No such thing.")
        return thing

    def close(self, ids: list[int]) -> int:
        found = [*self.db.scalars(self.own().where(Thing.id.in_(ids)))]
        if len(found) != len(set(ids)):
            raise HTTPException(404, "Some are not there.")
        for thing in found:
            thing.status = "closed"
        self.db.commit()
        return len(found)

    def change(self, thing_id: int, changing: Changing) -> Thing:
        thing = self.one(thing_id)
        if changing.box_id is not None:
            thing.box_id = self.box(changing.box_id).id
        if changing.name is not None:
            thing.name = changing.name
        if changing.words is not None:
            thing.words = changing.words
        self.db.commit()
        return thing


Own = Annotated[Things, Depends(Things)]


@app.post("/signup", status_code=201)
def signup(db: Db, who: Signup) -> Public:
    email = who.email.strip().lower()
    if db.scalar(select(User).where(User.email == email)):
        raise HTTPException(409, "Somebody has it.")
    user = User(email=email, password=hash_password(who.password))
    db.add(user)
    db.commit()
    return Public.model_validate(user)


@app.get("/me")
def me(user: Me) -> Public:
    return Public.model_validate(user)


@app.get("/boxes/{box_id}")
def box(own: Own, box_id: int) -> dict[str, Any]:
    found = own.box(box_id)
    return {"id": found.id, "label": found.label}


@app.get("/boxes/{box_id}/things/{thing_id}")
def nested(own: Own, box_id: int, thing_id: int) -> Shown:
    own.box(box_id)
    thing = own.db.scalar(own.own().where(Thing.id == thing_id, Thing.box_id == box_id))
    if thing is None:
        raise HTTPException(404, "No such thing.")
    return Shown.model_validate(thing)


@app.get("/things")
def things(  # noqa: PLR0917
    own: Own,
    page: Annotated[int, Query(ge=1, le=10**6)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
    q: str | None = None,
    status: str | None = None,
    owner_id: int | None = None,
    min_size: int | None = None,
    sort: Literal["name", "-name"] | None = None,
) -> Page:
    statement = own.own()
    if min_size is not None:
        statement = statement.where(Thing.size >= min_size)
    if q is not None:
        statement = statement.where(Thing.name.contains(q, autoescape=True))
    if status is not None:
        statement = statement.where(Thing.status == status)
    if owner_id is not None:
        statement = statement.where(Box.owner_id == owner_id)
    if sort is not None:
        statement = statement.order_by(Thing.name.desc() if sort == "-name" else Thing.name)
    total = own.db.scalar(select(func.count()).select_from(statement.subquery())) or 0
    rows = statement.order_by(Thing.id).offset((page - 1) * size).limit(size)
    return Page(items=[Shown.model_validate(one) for one in own.db.scalars(rows)], total=total)


@app.get("/things/count")
def count(own: Own) -> dict[str, int]:
    return {"count": own.db.scalar(select(func.count()).select_from(own.own().subquery())) or 0}


@app.get("/things/trash")
def trash(own: Own) -> list[Shown]:
    rows = own.db.scalars(own.every().where(Thing.deleted_at.is_not(None)).order_by(Thing.id))
    return [Shown.model_validate(one) for one in rows]


@app.get("/things/{thing_id}")
def read(own: Own, thing_id: int) -> Shown:
    return Shown.model_validate(own.one(thing_id))


@app.patch("/things/{thing_id}")
def change(own: Own, thing_id: int, changing: Changing) -> Shown:
    return Shown.model_validate(own.change(thing_id, changing))


@app.delete("/things/{thing_id}", status_code=204)
def remove(own: Own, thing_id: int) -> None:
    own.one(thing_id).deleted_at = datetime.now(timezone.utc)
    own.db.commit()


@app.post("/things/{thing_id}/restore")
def restore(own: Own, thing_id: int) -> dict[str, int]:
    thing = own.db.scalar(own.every().where(Thing.id == thing_id))
    if thing is None:
        raise HTTPException(404, "No such thing.")
    thing.deleted_at = None
    own.db.commit()
    return {"id": thing.id}


@app.post("/things/{thing_id}/finish")
def finish(own: Own, thing_id: int) -> dict[str, str]:
    thing = own.one(thing_id)
    if thing.status == "finished":
        raise HTTPException(409, "It is finished.")
    thing.status = "finished"
    own.db.commit()
    return {"status": thing.status}


@app.post("/things/close")
def close(own: Own, several: Several) -> dict[str, int]:
    return {"closed": own.close(several.ids)}


@app.get("/things/{thing_id}/parts")
def parts(own: Own, thing_id: int) -> list[dict[str, Any]]:
    thing = own.one(thing_id)
    rows = own.db.scalars(select(Part).where(Part.thing_id == thing.id).order_by(Part.id))
    return [{"id": one.id, "title": one.title} for one in rows]


@app.post("/things/{thing_id}/parts", status_code=201)
def add(own: Own, thing_id: int, naming: Naming) -> dict[str, int]:
    part = Part(thing_id=own.one(thing_id).id, title=naming.title)
    own.db.add(part)
    own.db.commit()
    return {"id": part.id}


@app.get("/things/{thing_id}/page", response_class=HTMLResponse)
def page(own: Own, thing_id: int) -> str:
    thing = own.one(thing_id)
    return f"<h1>{html.escape(thing.name)}</h1><p>{html.escape(thing.words)}</p>"


@app.get("/users", dependencies=[Depends(admin)])
def users(db: Db) -> list[Public]:
    rows = db.scalars(select(User).where(User.deleted_at.is_(None)).order_by(User.id))
    return [Public.model_validate(one) for one in rows]


def reached(own: Own, thing_id: int, *, to_edit: bool = False) -> Thing:
    is_over = Share.expires_at <= datetime.now(timezone.utc)
    shared = select(Share.thing_id).where(
        Share.user_id == own.user.id, ~func.coalesce(is_over, False)
    )
    if to_edit:
        shared = shared.where(Share.can_edit)
    mine = or_(Box.owner_id == own.user.id, Thing.id.in_(shared))
    thing = own.db.scalar(
        select(Thing).join(Thing.box).where(Thing.id == thing_id, mine, Thing.deleted_at.is_(None))
    )
    if thing is None:
        raise HTTPException(404, "No such thing.")
    return thing


@app.get("/shared/{thing_id}")
def shared(own: Own, thing_id: int) -> Shown:
    return Shown.model_validate(reached(own, thing_id))


@app.patch("/shared/{thing_id}")
def rename(own: Own, thing_id: int, naming: Naming) -> Shown:
    thing = reached(own, thing_id, to_edit=True)
    thing.name = naming.title
    own.db.commit()
    return Shown.model_validate(thing)


@app.get("/open")
def opened(db: Db) -> list[Shown]:
    rows = select(Thing).where(Thing.is_public, Thing.deleted_at.is_(None)).order_by(Thing.id)
    return [Shown.model_validate(one) for one in db.scalars(rows)]


@app.get("/open/{thing_id}")
def one_of_them(db: Db, thing_id: int) -> Shown:
    thing = db.scalar(select(Thing).where(Thing.id == thing_id, Thing.is_public))
    if thing is None or thing.deleted_at is not None:
        raise HTTPException(404, "No such thing.")
    return Shown.model_validate(thing)


@app.get("/tickets/{token}")
def by_ticket(db: Db, token: str) -> Shown:
    now = datetime.now(timezone.utc)
    ticket = db.scalar(select(Ticket).where(Ticket.token == token, Ticket.expires_at > now))
    if ticket is None:
        raise HTTPException(404, "No such ticket.")
    return Shown.model_validate(ticket.thing)


@app.get("/stats")
def stats(own: Own) -> dict[str, int]:
    key = ("stats", own.user.id)
    if key not in known:
        known[key] = own.db.scalar(select(func.count(Box.id)).where(Box.owner_id == own.user.id))
    return {"boxes": known[key]}


@app.get("/go")
def go(next: str = "/") -> RedirectResponse:  # noqa: A002
    is_here = next.startswith("/") and next[1:2] not in {"/", "\\"}
    return RedirectResponse(next if is_here else "/", status_code=303)


@app.patch("/me")
def change_me(db: Db, user: Me, changing: Account) -> Public:
    if db.scalar(select(User).where(User.email == changing.email, User.id != user.id)):
        raise HTTPException(409, "Somebody has it.")
    user.email = changing.email
    db.commit()
    return Public.model_validate(user)
