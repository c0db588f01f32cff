"""The depot of Starlette: functions over requests, pages by cursor, an owner of each row."""

from __future__ import annotations

import html
import logging
import os
import secrets
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from depot.models import Item, Login, Membership, Note, Role, Shelf, User, hash_password
from sqlalchemy import delete, func, or_, select, text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import selectinload
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

engine = create_async_engine(os.environ["DATABASE_URL"])
sessions = async_sessionmaker(engine, expire_on_commit=False)
logger = logging.getLogger("depot.web")


async def user_of(request: Request, db: Any) -> User:
    by_login = select(Login.user_id).where(Login.token == request.cookies.get("login", ""))
    key = request.headers.get("x-key", "")
    user = await db.scalar(select(User).where(or_(User.key == key, User.id.in_(by_login))))
    if user is None or not user.is_active:
        raise HTTPException(401)
    return user


async def member_of(request: Request, db: Any, *roles: Role) -> Membership:
    user = await user_of(request, db)
    member = await db.scalar(select(Membership).where(Membership.user_id == user.id))
    if member is None or (roles and member.role not in roles):
        raise HTTPException(403)
    return member


async def found(request: Request, db: Any, member: Membership) -> Item:
    item = await db.scalar(
        select(Item)
        .where(Item.id == request.path_params["item_id"])
        .where(Item.team_id == member.team_id, Item.deleted_at.is_(None))
        .options(selectinload(Item.author), selectinload(Item.notes))
    )
    if item is None:
        raise HTTPException(404)
    return item


async def payload(request: Request, *names: str) -> dict[str, Any]:
    try:
        sent = await request.json()
        return {name: sent[name] for name in names}
    except (ValueError, KeyError, TypeError):
        raise HTTPException(422) from None


def seen(item: Item) -> dict[str, Any]:
    author = {"id": item.author.id, "email": item.author.email}
    return {"id": item.id, "name": item.name, "status": item.status, "author": author}


async def signup(request: Request) -> Response:
    sent = await payload(request, "email", "password")
    email = str(sent["email"]).lower()
    async with sessions() as db:
        if await db.scalar(select(User).where(User.email == email)):
            raise HTTPException(409)
        db.add(User(email=email, password=hash_password(str(sent["password"]))))
        await db.commit()
    logger.info("somebody came")
    return JSONResponse({"email": email}, 201)


async def login(request: Request) -> Response:
    sent = await payload(request, "email", "password")
    async with sessions() as db:
        user = await db.scalar(select(User).where(User.email == str(sent["email"]).lower()))
        if user is None or user.password != hash_password(str(sent["password"])):
            raise HTTPException(401)
        token = secrets.token_hex(16)
        db.add(Login(user_id=user.id, token=token))
        await db.commit()
    response = JSONResponse({"id": user.id})
    response.set_cookie("login", token, httponly=True)
    return response


async def me(request: Request) -> Response:
    async with sessions() as db:
        user = await user_of(request, db)
        return JSONResponse({"id": user.id, "email": user.email})


async def change_password(request: Request) -> Response:
    async with request.form() as form, sessions() as db:
        user = await user_of(request, db)
        if not form.get("password"):
            raise HTTPException(422)
        user.password = hash_password(str(form["password"]))
        await db.execute(delete(Login).where(Login.user_id == user.id))
        await db.commit()
    return JSONResponse({"changed": "password"})


async def reset_password(request: Request) -> Response:
    async with request.form() as form, sessions() as db:
        user = await user_of(request, db)
        if not form.get("password"):
            raise HTTPException(422)
        user.password = hash_password(str(form["password"]))
        await db.execute(delete(Login).where(Login.user_id == user.id))
        await db.commit()
    return JSONResponse({"reset": "password"})


async def items(request: Request) -> Response:
    limit = request.query_params.get("limit", "20")
    cursor = request.query_params.get("cursor", "")
    status = request.query_params.get("status")
    size = max(1, min(int(limit), 100)) if limit.isdecimal() else 20
    async with sessions() as db:
        member = await member_of(request, db)
        statement = select(Item).where(Item.team_id == member.team_id)
        statement = statement.where(Item.deleted_at.is_(None))
        if status:
            statement = statement.where(Item.status == status)
        total = await db.scalar(select(func.count()).select_from(statement.subquery()))
        if cursor.isdecimal():
            statement = statement.where(Item.id > int(cursor[:9]))
        statement = statement.order_by(Item.id).limit(size + 1)
        rows = [*await db.scalars(statement.options(selectinload(Item.author)))]
        last = rows[size - 1].id if len(rows) > size else None
        told = [seen(item) for item in rows[:size]]
        return JSONResponse({"results": told, "next_cursor": last, "total": total})


async def add(request: Request) -> Response:
    async with sessions() as db:
        member = await member_of(request, db, Role.EDITOR, Role.OWNER)
        sent = await payload(request, "name", "shelf_id")
        shelf = await db.get(Shelf, sent["shelf_id"])
        if shelf is None or shelf.team_id != member.team_id:
            raise HTTPException(404)
        item = Item(name=str(sent["name"]), team_id=member.team_id, author_id=member.user_id)
        item.shelf_id = shelf.id
        db.add(item)
        await db.commit()
        return JSONResponse({"id": item.id}, 201)


async def read(request: Request) -> Response:
    async with sessions() as db:
        item = await found(request, db, await member_of(request, db))
        return JSONResponse({**seen(item), "notes": [note.words for note in item.notes]})


async def change(request: Request) -> Response:
    async with sessions() as db:
        item = await found(request, db, await member_of(request, db, Role.EDITOR, Role.OWNER))
        sent = await payload(request, "name")
        for name, value in sent.items():
            setattr(item, name, str(value))
        await db.commit()
        return JSONResponse({"id": item.id})


async def remove(request: Request) -> Response:
    async with sessions() as db:
        item = await found(request, db, await member_of(request, db, Role.OWNER))
        item.deleted_at = datetime.now(timezone.utc)
        await db.commit()
        return Response(status_code=204)


async def count(request: Request) -> Response:
    async with sessions() as db:
        member = await member_of(request, db)
        own = (Item.team_id == member.team_id, Item.deleted_at.is_(None))
        return JSONResponse({"count": await db.scalar(select(func.count(Item.id)).where(*own))})


async def export(request: Request) -> Response:
    async with sessions() as db:
        member = await member_of(request, db)
        own = (Item.team_id == member.team_id, Item.deleted_at.is_(None))
        rows = await db.scalars(select(Item).where(*own).order_by(Item.id))
        return PlainTextResponse("\n".join(f"{item.id};{item.name}" for item in rows))


async def notes(request: Request) -> Response:
    async with sessions() as db:
        item = await found(request, db, await member_of(request, db))
        return JSONResponse([{"id": note.id, "words": note.words} for note in item.notes])


async def members(request: Request) -> Response:
    async with sessions() as db:
        member = await member_of(request, db)
        statement = select(Membership).where(Membership.team_id == member.team_id)
        rows = await db.scalars(statement.options(selectinload(Membership.user)))
        return JSONResponse([{"id": it.id, "email": it.user.email} for it in rows])


async def search(request: Request) -> Response:
    word = request.query_params.get("q", "")
    async with sessions() as db:
        member = await member_of(request, db)
        statement = select(Item).where(Item.team_id == member.team_id, Item.deleted_at.is_(None))
        rows = await db.scalars(statement.where(Item.name.contains(word)).order_by(Item.id))
        return JSONResponse([{"id": item.id, "name": item.name} for item in rows])


async def page(request: Request) -> Response:
    async with sessions() as db:
        item = await found(request, db, await member_of(request, db))
        return HTMLResponse(f"<h1>{html.escape(item.name)}</h1>")


async def picture(request: Request) -> Response:
    async with request.form() as form, sessions() as db:
        item = await found(request, db, await member_of(request, db, Role.EDITOR, Role.OWNER))
        file = form.get("picture")
        content = b"" if file is None or isinstance(file, str) else await file.read()
        if not content.startswith(b"\x89PNG"):
            raise HTTPException(415)
        Path(os.environ["UPLOADS"], f"{item.id}.png").write_bytes(content)
        return JSONResponse({"stored": item.id}, 201)


ONE = "/items/{item_id:int}"
app = Starlette(
    routes=[
        Route("/signup", signup, methods=["POST"]),
        Route("/login", login, methods=["POST"]),
        Route("/me", me),
        Route("/me/password", change_password, methods=["POST"]),
        Route("/me/reset", reset_password, methods=["POST"]),
        Route("/items", items),
        Route("/items", add, methods=["POST"]),
        Route("/items/count", count),
        Route("/items/export", export),
        Route(ONE, read),
        Route(ONE, change, methods=["PATCH"]),
        Route(ONE, remove, methods=["DELETE"]),
        Route(f"{ONE}/notes", notes),
        Route("/members", members),
        Route("/search", search),
        Route(f"{ONE}/page", page),
        Route(f"{ONE}/picture", picture, methods=["POST"]),
    ],
    middleware=[
        Middleware(CORSMiddleware, allow_origins=["https://depot.example"], allow_credentials=True)
    ],
)
