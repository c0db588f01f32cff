"""The depot of Litestar: controllers, guards, data classes, a total in a header."""

from __future__ import annotations

import html
import logging
import os
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated, Any

from depot.models import Item, Login, Membership, Note, Role, Shelf, User, hash_password
from litestar import Controller, Litestar, Response, delete, get, patch, post
from litestar.config.cors import CORSConfig
from litestar.connection import ASGIConnection, Request
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency, Provide
from litestar.enums import MediaType, RequestEncodingType
from litestar.exceptions import (
    ClientException,
    NotAuthorizedException,
    NotFoundException,
    PermissionDeniedException,
)
from litestar.handlers import BaseRouteHandler
from litestar.params import Body, Parameter
from sqlalchemy import delete as removing
from sqlalchemy import func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import selectinload

engine = create_async_engine(os.environ["DATABASE_URL"])
sessions = async_sessionmaker(engine, expire_on_commit=False)
logger = logging.getLogger("depot")


@dataclass
class Who:
    """Who comes."""

    email: str
    password: str


@dataclass
class Adding:
    """What is sent of a new item."""

    name: str
    shelf_id: int


@dataclass
class Changing:
    """What is sent of an item that is there."""

    name: str


@dataclass
class Secret:
    """What is sent in a form."""

    password: str


@dataclass
class Public:
    """A user."""

    id: int
    email: str


@dataclass
class Shown:
    """An item."""

    id: int
    name: str
    status: str
    author: Public
    notes: list[str] = field(default_factory=list)


async def session() -> AsyncIterator[AsyncSession]:
    async with sessions() as opened:
        yield opened


async def user_of(connection: ASGIConnection[Any, Any, Any, Any]) -> User:
    by_login = select(Login.user_id).where(Login.token == connection.cookies.get("login", ""))
    key = connection.headers.get("x-key", "")
    async with sessions() as db:
        user = await db.scalar(select(User).where(or_(User.key == key, User.id.in_(by_login))))
    if user is None or not user.is_active:
        raise NotAuthorizedException
    return user


async def member_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Membership | None:
    user = await user_of(connection)
    async with sessions() as db:
        return await db.scalar(select(Membership).where(Membership.user_id == user.id))


async def members_only(connection: Any, handler: BaseRouteHandler) -> None:
    if await member_of(connection) is None:
        raise PermissionDeniedException


async def editors_only(connection: Any, handler: BaseRouteHandler) -> None:
    member = await member_of(connection)
    if member is None or member.role not in {Role.EDITOR, Role.OWNER}:
        raise PermissionDeniedException


async def owners_only(connection: Any, handler: BaseRouteHandler) -> None:
    member = await member_of(connection)
    if member is None or member.role is not Role.OWNER:
        raise PermissionDeniedException


async def member(request: Request[Any, Any, Any]) -> Membership | None:
    return await member_of(request)


async def found(db: AsyncSession, member: Membership, item_id: int) -> Item:
    own = (Item.team_id == member.team_id, Item.deleted_at.is_(None), Item.id == item_id)
    statement = select(Item).where(*own)
    item = await db.scalar(statement.options(selectinload(Item.author), selectinload(Item.notes)))
    if item is None:
        raise NotFoundException
    return item


def shown(item: Item) -> Shown:
    author = Public(item.author.id, item.author.email)
    return Shown(item.id, item.name, item.status, author, [it.words for it in item.notes])


Db = NamedDependency[AsyncSession]
Own = NamedDependency[Membership]


@post("/signup")
async def signup(data: Who, db: Db) -> Public:
    email = data.email.lower()
    if await db.scalar(select(User).where(User.email == email)):
        raise ClientException(status_code=409)
    user = User(email=email, password=hash_password(data.password))
    db.add(user)
    await db.commit()
    logger.info("user %s", user.id)
    return Public(user.id, user.email)


@post("/login")
async def login(data: Who, db: Db) -> Response[dict[str, int]]:
    user = await db.scalar(select(User).where(User.email == data.email.lower()))
    if user is None or user.password != hash_password(data.password):
        raise NotAuthorizedException
    token = secrets.token_hex(16)
    db.add(Login(user_id=user.id, token=token))
    await db.commit()
    response = Response({"id": user.id})
    response.set_cookie("login", token, httponly=True)
    return response


@get("/me")
async def me(request: Request[Any, Any, Any]) -> Public:
    user = await user_of(request)
    return Public(user.id, user.email)


Form = Annotated[Secret, Body(media_type=RequestEncodingType.URL_ENCODED)]


@post("/me/password", status_code=200)
async def change_password(request: Request[Any, Any, Any], data: Form, db: Db) -> dict[str, str]:
    user = await db.merge(await user_of(request))
    user.password = hash_password(data.password)
    await db.execute(removing(Login).where(Login.user_id == user.id))
    await db.commit()
    return {"changed": "password"}


@post("/me/reset", status_code=200)
async def reset_password(request: Request[Any, Any, Any], data: Form, db: Db) -> dict[str, str]:
    user = await db.merge(await user_of(request))
    user.password = hash_password(data.password)
    await db.execute(removing(Login).where(Login.user_id == user.id))
    await db.commit()
    return {"reset": "password"}


class Items(Controller):
    """Items of a team."""

    path = "/items"
    guards = [members_only]

    @get()
    async def all(
        self,
        db: Db,
        member: Own,
        limit: Annotated[int, Parameter(ge=1, le=100)] = 20,
        offset: Annotated[int, Parameter(ge=0, le=10**9)] = 0,
        status: str | None = None,
    ) -> Response[list[Shown]]:
        own = [Item.team_id == member.team_id, Item.deleted_at.is_(None)]
        if status is not None:
            own.append(Item.status == status)
        total = await db.scalar(select(func.count()).select_from(Item).where(*own))
        statement = select(Item).where(*own).order_by(Item.created_at, Item.id)
        statement = statement.limit(limit).offset(offset)
        both = (selectinload(Item.author), selectinload(Item.notes))
        rows = [shown(item) for item in await db.scalars(statement.options(*both))]
        return Response(rows, headers={"X-Total-Count": str(total)})

    @post(guards=[editors_only])
    async def add(self, db: Db, member: Own, data: Adding) -> dict[str, int]:
        shelf = await db.get(Shelf, data.shelf_id)
        if shelf is None or shelf.team_id != member.team_id:
            raise NotFoundException
        item = Item(team_id=member.team_id, author_id=member.user_id, **vars(data))
        db.add(item)
        await db.commit()
        return {"id": item.id}

    @get("/count")
    async def count(self, db: Db, member: Own) -> dict[str, int]:
        own = (Item.team_id == member.team_id, Item.deleted_at.is_(None))
        return {"count": await db.scalar(select(func.count()).select_from(Item).where(*own)) or 0}

    @get("/export", media_type=MediaType.TEXT)
    async def export(self, db: Db, member: Own) -> str:
        own = (Item.team_id == member.team_id, Item.deleted_at.is_(None))
        rows = await db.scalars(select(Item).where(*own).order_by(Item.id))
        return "\n".join(f"{item.id},{item.name}" for item in rows)

    @get("/{item_id:int}")
    async def read(self, db: Db, member: Own, item_id: int) -> Shown:
        return shown(await found(db, member, item_id))

    @patch("/{item_id:int}", guards=[editors_only])
    async def change(self, db: Db, member: Own, item_id: int, data: Changing) -> dict[str, int]:
        item = await found(db, member, item_id)
        item.name = data.name
        await db.commit()
        return {"id": item.id}

    @delete("/{item_id:int}", guards=[owners_only])
    async def remove(self, db: Db, member: Own, item_id: int) -> None:
        item = await found(db, member, item_id)
        item.deleted_at = datetime.now(timezone.utc)
        await db.commit()

    @get("/{item_id:int}/notes")
    async def notes(self, db: Db, member: Own, item_id: int) -> list[dict[str, Any]]:
        item = await found(db, member, item_id)
        return [{"id": note.id, "words": note.words} for note in item.notes]

    @get("/{item_id:int}/page", media_type=MediaType.HTML)
    async def page(self, db: Db, member: Own, item_id: int) -> str:
        item = await found(db, member, item_id)
        return f"<h1>{html.escape(item.name)}</h1>"

    @post("/{item_id:int}/picture", guards=[editors_only])
    async def picture(
        self,
        db: Db,
        member: Own,
        item_id: int,
        data: Annotated[dict[str, UploadFile], Body(media_type=RequestEncodingType.MULTI_PART)],
    ) -> dict[str, int]:
        item = await found(db, member, item_id)
        file = data.get("picture")
        content = b"" if file is None else await file.read()
        if not content.startswith(b"\x89PNG"):
            raise ClientException(status_code=415)
        Path(os.environ["UPLOADS"], f"{item.id}.png").write_bytes(content)
        return {"stored": item.id}


@get("/members", guards=[members_only])
async def members(db: Db, member: Own) -> list[Public]:
    statement = select(Membership).where(Membership.team_id == member.team_id)
    rows = await db.scalars(statement.options(selectinload(Membership.user)))
    return [Public(it.user.id, it.user.email) for it in rows]


@get("/search", guards=[members_only])
async def search(db: Db, member: Own, q: str = "") -> list[dict[str, Any]]:
    own = (Item.team_id == member.team_id, Item.deleted_at.is_(None))
    statement = select(Item).where(*own).where(Item.name.contains(q, autoescape=True))
    return [{"id": it.id, "name": it.name} for it in await db.scalars(statement)]


app = Litestar(
    [signup, login, me, change_password, reset_password, Items, members, search],
    dependencies={"db": Provide(session), "member": Provide(member)},
    cors_config=CORSConfig(allow_origins=["https://depot.example"], allow_credentials=True),
)
