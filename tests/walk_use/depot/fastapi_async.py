"""The depot of FastAPI: dependencies, response models, pages by limit and offset."""

from __future__ import annotations

import csv
import html
import io
import logging
import os
import secrets
from collections.abc import AsyncIterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated, Any, Literal

from depot.models import Item, Login, Membership, Note, Role, Shelf, User, hash_password
from fastapi import (
    APIRouter,
    Cookie,
    Depends,
    FastAPI,
    Form,
    Header,
    HTTPException,
    Query,
    Response,
    UploadFile,
)
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Select, delete, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import selectinload

logger = logging.getLogger("depot")
app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=["https://depot.example"], allow_credentials=True)
engine = create_async_engine(os.environ["DATABASE_URL"])
sessions = async_sessionmaker(engine, expire_on_commit=False)
UPLOADS = Path(os.environ["UPLOADS"])


async def session() -> AsyncIterator[AsyncSession]:
    async with sessions() as opened:
        yield opened


Db = Annotated[AsyncSession, Depends(session)]


async def current(
    db: Db, x_key: Annotated[str, Header()] = "", login: Annotated[str, Cookie()] = ""
) -> User:
    by_login = select(Login.user_id).where(Login.token == login)
    user = await db.scalar(select(User).where(or_(User.key == x_key, User.id.in_(by_login))))
    if user is None or not user.is_active:
        raise HTTPException(401, "Who are you?")
    return user


Me = Annotated[User, Depends(current)]


async def member(db: Db, user: Me) -> Membership:
    found = await db.scalar(select(Membership).where(Membership.user_id == user.id))
    if found is None:
        raise HTTPException(403, "Nobody's.")
    return found


Member = Annotated[Membership, Depends(member)]


def needs(*roles: Role) -> Any:
    async def check(membership: Member) -> Membership:
        if membership.role not in roles:
            raise HTTPException(403, "Not you.")
        return membership

    return Depends(check)


Editor = Annotated[Membership, needs(Role.EDITOR, Role.OWNER)]
Owner = Annotated[Membership, needs(Role.OWNER)]


class Public(BaseModel):
    """A user as others see it."""

    model_config = ConfigDict(from_attributes=True)
    id: int
    email: str


class Shown(BaseModel):
    """An item."""

    model_config = ConfigDict(from_attributes=True)
    id: int
    name: str
    status: str
    author: Public
    notes: list[str]


class Page(BaseModel):
    """Some items."""

    items: list[Shown]
    total: int


class Adding(BaseModel):
    """What is sent of a new item."""

    name: str
    shelf_id: int


class Changing(BaseModel):
    """What is sent of an item that is there."""

    name: str


class Signup(BaseModel):
    """Who comes."""

    email: str
    password: str


class Naming(BaseModel):
    """Which role a member gets."""

    role: Role


def of_team(membership: Membership) -> Select[Any]:
    return select(Item).where(Item.team_id == membership.team_id, Item.deleted_at.is_(None))


def shown(item: Item) -> Shown:
    author = Public.model_validate(item.author)
    notes = [note.words for note in item.notes]
    return Shown(id=item.id, name=item.name, status=item.status, author=author, notes=notes)


whole = (selectinload(Item.author), selectinload(Item.notes))


async def found(db: AsyncSession, membership: Membership, item_id: int) -> Item:
    statement = of_team(membership).where(Item.id == item_id).options(*whole)
    item = await db.scalar(statement)
    if item is None:
        raise HTTPException(404, "No such item.")
    return item


router = APIRouter(dependencies=[Depends(current)])


@app.post("/signup", status_code=201)
async def signup(db: Db, who: Signup) -> Public:
    email = who.email.strip().lower()
    if await db.scalar(select(User).where(User.email == email)):
        raise HTTPException(409, "Somebody has it.")
    user = User(email=email, password=hash_password(who.password))
    db.add(user)
    await db.commit()
    logger.info("%s came", user.id)
    return Public.model_validate(user)


@app.post("/login")
async def login(db: Db, who: Signup, response: Response) -> dict[str, str]:
    user = await db.scalar(select(User).where(User.email == who.email.strip().lower()))
    if user is None or user.password != hash_password(who.password) or not user.is_active:
        raise HTTPException(401, "No.")
    token = secrets.token_hex(16)
    db.add(Login(token=token, user_id=user.id))
    await db.commit()
    response.set_cookie("login", token, httponly=True)
    return {"id": str(user.id)}


@router.get("/me")
async def me(user: Me) -> Public:
    return Public.model_validate(user)


@router.post("/me/password")
async def change_password(db: Db, user: Me, password: Annotated[str, Form()]) -> dict[str, str]:
    user.password = hash_password(password)
    await db.execute(delete(Login).where(Login.user_id == user.id))
    await db.commit()
    return {"changed": "password"}


@router.post("/me/reset")
async def reset_password(db: Db, user: Me, password: Annotated[str, Form()]) -> dict[str, str]:
    user.password = hash_password(password)
    await db.execute(delete(Login).where(Login.user_id == user.id))
    await db.commit()
    return {"reset": "password"}


@router.get("/items")
async def items(  # noqa: PLR0917
    db: Db,
    membership: Member,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    status: str | None = None,
    sort: Literal["name", "id"] = "id",
) -> Page:
    statement = of_team(membership)
    if status is not None:
        statement = statement.where(Item.status == status)
    total = await db.scalar(select(func.count()).select_from(statement.subquery())) or 0
    ordered = statement.order_by(Item.name if sort == "name" else Item.id, Item.id)
    ordered = ordered.offset(offset).limit(limit).options(*whole)
    return Page(items=[shown(item) for item in await db.scalars(ordered)], total=total)


@router.get("/items/count")
async def count(db: Db, membership: Member) -> dict[str, int]:
    counted = select(func.count()).select_from(of_team(membership).subquery())
    return {"count": await db.scalar(counted) or 0}


@router.get("/items/export")
async def export(db: Db, membership: Member) -> Response:
    out = io.StringIO()
    rows = await db.scalars(of_team(membership).order_by(Item.id))
    csv.writer(out).writerows([(item.id, item.name, item.status) for item in rows])
    return Response(out.getvalue(), media_type="text/csv")


@router.get("/items/{item_id}")
async def read(db: Db, membership: Member, item_id: int) -> Shown:
    return shown(await found(db, membership, item_id))


@router.post("/items", status_code=201)
async def add(db: Db, membership: Editor, adding: Adding) -> dict[str, int]:
    shelf = await db.get(Shelf, adding.shelf_id)
    if shelf is None or shelf.team_id != membership.team_id:
        raise HTTPException(404, "No such shelf.")
    item = Item(**adding.model_dump(), team_id=membership.team_id, author_id=membership.user_id)
    db.add(item)
    await db.commit()
    return {"id": item.id}


@router.patch("/items/{item_id}")
async def change(db: Db, membership: Editor, item_id: int, changing: Changing) -> dict[str, int]:
    item = await found(db, membership, item_id)
    for name, value in changing.model_dump().items():
        setattr(item, name, value)
    await db.commit()
    return {"id": item.id}


@router.delete("/items/{item_id}", status_code=204)
async def remove(db: Db, membership: Owner, item_id: int) -> None:
    item = await found(db, membership, item_id)
    item.deleted_at = datetime.now(timezone.utc)
    await db.commit()


@router.get("/items/{item_id}/notes")
async def notes(db: Db, membership: Member, item_id: int) -> list[dict[str, Any]]:
    item = await found(db, membership, item_id)
    statement = select(Note).where(Note.item_id == item.id).order_by(Note.id)
    return [{"id": note.id, "words": note.words} for note in await db.scalars(statement)]


@router.get("/teams/{team_id}/items/{item_id}")
async def nested(db: Db, membership: Member, team_id: int, item_id: int) -> Shown:
    if membership.team_id != team_id:
        raise HTTPException(404, "No such team.")
    statement = select(Item).where(Item.id == item_id, Item.team_id == team_id)
    item = await db.scalar(statement.where(Item.deleted_at.is_(None)).options(*whole))
    if item is None:
        raise HTTPException(404, "No such item.")
    return shown(item)


@router.get("/members")
async def members(db: Db, membership: Member) -> list[dict[str, Any]]:
    statement = select(Membership).where(Membership.team_id == membership.team_id)
    statement = statement.order_by(Membership.id).options(selectinload(Membership.user))
    rows = await db.scalars(statement)
    return [{"id": it.id, "role": it.role, "user": Public.model_validate(it.user)} for it in rows]


@router.patch("/members/{user_id}")
async def name(db: Db, membership: Owner, user_id: int, naming: Naming) -> dict[str, str]:
    statement = select(Membership).where(
        Membership.user_id == user_id, Membership.team_id == membership.team_id
    )
    named = await db.scalar(statement)
    if named is None:
        raise HTTPException(404, "No such member.")
    named.role = naming.role
    await db.commit()
    return {"role": naming.role.value}


@router.get("/search")
async def search(db: Db, membership: Member, q: str = "") -> list[dict[str, Any]]:
    statement = of_team(membership).where(Item.name.contains(q, autoescape=True))
    return [{"id": it.id, "name": it.name} for it in await db.scalars(statement)]


@router.get("/items/{item_id}/page", response_class=HTMLResponse)
async def page(db: Db, membership: Member, item_id: int) -> str:
    item = await found(db, membership, item_id)
    return f"<h1>{html.escape(item.name)}</h1>"


@router.post("/items/{item_id}/picture", status_code=201)
async def picture(db: Db, membership: Editor, item_id: int, picture: UploadFile) -> dict[str, str]:
    item = await found(db, membership, item_id)
    content = picture.file.read()
    if not content.startswith(b"\x89PNG"):
        raise HTTPException(415, "No picture.")
    (UPLOADS / f"{item.id}.png").write_bytes(content)
    return {"stored": f"{item.id}.png"}


app.include_router(router)
