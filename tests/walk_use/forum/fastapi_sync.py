"""The forum: comments that were hidden, tags, menus of one's own recipes, payments sent twice."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Annotated, Any

from depot.models import Comment, Course, Menu, Payment, Post, Recipe, Tag, User
from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel
from sqlalchemy import Select, create_engine, func, select
from sqlalchemy.orm import Session, sessionmaker

app = FastAPI()
engine = create_engine(os.environ["DATABASE_URL"])
sessions = sessionmaker(engine, expire_on_commit=False)


def session() -> Iterator[Session]:
    with sessions() as opened:
        yield opened


Db = Annotated[Session, Depends(session)]


def current(db: Db, x_key: Annotated[str, Header()] = "") -> User:
    user = db.scalar(select(User).where(User.key == x_key))
    if user is None or not user.is_active:
        raise HTTPException(401, "Who are you?")
    return user


Me = Annotated[User, Depends(current)]


class Serving(BaseModel):
    """One course of a menu."""

    recipe_id: int
    count: int = 1


class Planning(BaseModel):
    """What is sent of a new menu."""

    name: str
    courses: list[Serving] | None = None
    recipe_ids: list[int] | None = None


class Paying(BaseModel):
    """What is sent of a payment."""

    amount: int


def seen() -> Select[Any]:
    return select(Comment).where(Comment.is_hidden.is_(False))


def own(user: User) -> Select[Any]:
    return select(Recipe).where(Recipe.owner_id == user.id).order_by(Recipe.id)


def said(comment: Comment) -> dict[str, Any]:
    return {"id": comment.id, "words": comment.words}


@app.get("/posts")
def posts(db: Db, user: Me) -> list[dict[str, Any]]:
    count = (
        select(func.count(Comment.id))
        .where(Comment.post_id == Post.id, Comment.is_hidden.is_(False))
        .scalar_subquery()
    )
    rows = db.execute(select(Post, count).order_by(Post.id))
    return [{"id": post.id, "title": post.title, "comments": number} for post, number in rows]


@app.get("/posts/{post_id}")
def post(db: Db, user: Me, post_id: int) -> dict[str, Any]:
    found = db.get(Post, post_id)
    if found is None:
        raise HTTPException(404, "No such post.")
    shown = [it for it in found.comments if not it.is_hidden]
    return {"id": found.id, "title": found.title, "comments": [said(it) for it in shown]}


@app.get("/posts/{post_id}/comments")
def comments(db: Db, user: Me, post_id: int) -> dict[str, Any]:
    if db.get(Post, post_id) is None:
        raise HTTPException(404, "No such post.")
    found = [*db.scalars(seen().where(Comment.post_id == post_id).order_by(Comment.id))]
    return {"items": [said(one) for one in found], "total": len(found)}


@app.get("/comments")
def latest(db: Db, user: Me) -> list[dict[str, Any]]:
    return [said(one) for one in db.scalars(seen().order_by(Comment.id.desc()).limit(20))]


@app.get("/users/{user_id}/comments")
def of_somebody(db: Db, user: Me, user_id: int) -> list[dict[str, Any]]:
    """Show those of one user, who sees their own in any state."""
    found = select(Comment) if user.id == user_id else seen()
    return [said(one) for one in db.scalars(found.where(Comment.author_id == user_id))]


@app.get("/moderation/comments")
def hidden(db: Db, user: Me) -> list[dict[str, Any]]:
    return [said(one) for one in db.scalars(select(Comment).order_by(Comment.id))]


@app.get("/recipes")
def recipes(
    db: Db, user: Me, tag: str = "", tag_id: int | None = None, user_id: int | None = None
) -> list[dict[str, Any]]:
    statement = own(user)
    if user_id is not None:
        # Of whom they are, and not of whom they are a favourite.
        statement = statement.where(Recipe.owner_id == user_id)
    if tag:
        statement = statement.where(Recipe.tags.any(Tag.name == tag))
    if tag_id is not None:
        statement = statement.where(Recipe.tags.any(Tag.id == tag_id))
    return [{"id": one.id, "title": one.title} for one in db.scalars(statement)]


@app.get("/recipes/{recipe_id}")
def recipe(db: Db, user: Me, recipe_id: int) -> dict[str, Any]:
    found = db.scalar(own(user).where(Recipe.id == recipe_id))
    if found is None:
        raise HTTPException(404, "No such recipe.")
    return {"id": found.id, "title": found.title}


@app.post("/menus", status_code=201)
def plan(db: Db, user: Me, planning: Planning) -> dict[str, Any]:
    served = [*(planning.courses or [])]
    served += [Serving(recipe_id=it) for it in planning.recipe_ids or []]
    menu = Menu(name=planning.name, owner_id=user.id)
    for one in planning.courses or []:
        if db.scalar(own(user).where(Recipe.id == one.recipe_id)) is None:
            raise HTTPException(404, "No such recipe.")
    for number in planning.recipe_ids or []:
        if db.scalar(own(user).where(Recipe.id == number)) is None:
            raise HTTPException(404, "No such recipe.")
    menu.courses = [Course(recipe_id=one.recipe_id, count=one.count) for one in served]
    db.add(menu)
    db.commit()
    return {"id": menu.id, "name": menu.name}


@app.post("/payments", status_code=201)
def pay(
    db: Db, user: Me, paying: Paying, idempotency_key: Annotated[str | None, Header()] = None
) -> dict[str, Any]:
    if idempotency_key is not None:
        same = select(Payment).where(Payment.known_as == idempotency_key)
        known = db.scalar(same.where(Payment.payer_id == user.id))
        if known is not None:
            return {"id": known.id, "amount": known.amount}
    made = Payment(payer_id=user.id, amount=paying.amount, known_as=idempotency_key)
    db.add(made)
    db.commit()
    return {"id": made.id, "amount": made.amount}


@app.get("/payments/{payment_id}")
def payment(db: Db, user: Me, payment_id: int) -> dict[str, Any]:
    found = db.get(Payment, payment_id)
    if found is None or found.payer_id != user.id:
        raise HTTPException(404, "No such payment.")
    return {"id": found.id, "amount": found.amount}
