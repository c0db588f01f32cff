"""Routes that write in every way there is, and routes that do not end. The twin is derived."""

from __future__ import annotations

import os
import smtplib
import warnings
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import BackgroundTasks, Depends, FastAPI, Header, HTTPException, Response
from kiosk.models import Entry, Item, Membership, Token, User, hash_password, labels
from kiosk.ways_async import commit_past, pause, router
from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

app = FastAPI()
app.include_router(router)
engine = create_async_engine(os.environ["DATABASE_URL"])
other_engine = create_async_engine(os.environ["DATABASE_URL"])
audit_engine = create_async_engine(os.environ["AUDIT_URL"])
sessions = async_sessionmaker(engine, expire_on_commit=False)
left: list[Any] = []


async def session() -> AsyncIterator[AsyncSession]:
    async with sessions() as opened:
        yield opened


Db = Annotated[AsyncSession, Depends(session)]


async def current(
    db: Db, authorization: Annotated[str, Header()] = "", x_key: Annotated[str, Header()] = ""
) -> User:
    token = select(Token.user_id).where(Token.value == authorization.removeprefix("Bearer "))
    known = (User.id.in_(token)) | (User.key == x_key)
    user = await db.scalar(select(User).where(known, User.is_active))
    if user is None:
        raise HTTPException(401, "Who are you?")
    return user


Current = Annotated[User, Depends(current)]


@app.post("/login")
async def login(db: Db, who: dict[str, str]) -> dict[str, str]:
    user = await db.scalar(select(User).where(User.name == who["name"]))
    if user is None or user.password != hash_password(who["password"]) or not user.is_active:
        raise HTTPException(401, "No.")
    token = Token(value=f"token-of-{user.id}-{os.urandom(6).hex()}", user_id=user.id)
    db.add(token)
    await db.commit()
    return {"token": token.value}


@app.get("/me")
async def me(user: Current) -> dict[str, Any]:
    return {"id": user.id, "name": user.name}


@app.get("/items")
async def items(db: Db, user: Current) -> list[str]:
    team = select(Membership.team_id).where(Membership.user_id == user.id)
    return [*await db.scalars(select(Item.name).where(Item.team_id.in_(team)))]


async def add(db: AsyncSession, user: User, name: str) -> None:
    team = await db.scalar(select(Membership.team_id).where(Membership.user_id == user.id))
    db.add(Item(team_id=team, author_id=user.id, name=name))
    await db.flush()


@app.post("/items", status_code=201)
async def commit(db: Db, user: Current) -> None:
    await add(db, user, "committed")
    await db.execute(insert(labels).values(name="twice"))
    await db.execute(insert(labels).values(name="twice"))
    await db.commit()


@app.patch("/items")
async def rename(db: Db, user: Current) -> None:
    for item in await db.scalars(select(Item).where(Item.author_id == user.id)):
        item.name = "renamed"
    await db.commit()


@app.delete("/items")
async def remove(db: Db, user: Current) -> None:
    await db.execute(delete(Item).where(Item.author_id == user.id))
    await db.commit()


@app.post("/refused")
async def refuse(db: Db, user: Current) -> None:
    await add(db, user, "refused")
    await db.rollback()
    raise HTTPException(409, "Not that.")


@app.post("/half")
async def half(db: Db, user: Current) -> None:
    await add(db, user, "half")
    await db.commit()
    raise HTTPException(409, "Too late.")


@app.post("/left")
async def leave(user: Current) -> None:
    opened = sessions()
    left.append(opened)
    await add(opened, user, "left")


@app.post("/broken")
async def break_(user: Current) -> None:
    opened = sessions()
    left.append(opened)
    await add(opened, user, "broken")
    try:
        await opened.execute(text("SELECT * FROM nowhere"))
    except DBAPIError:
        return


@app.post("/later")
async def later(user: Current, tasks: BackgroundTasks) -> None:
    async def write() -> None:
        async with sessions() as opened:
            await add(opened, user, "later")
            await opened.commit()

    tasks.add_task(write)


@app.post("/beside")
async def beside(user: Current) -> None:
    async with AsyncSession(other_engine) as opened:
        await add(opened, user, "beside")
        await opened.commit()


@app.post("/audit")
async def audit() -> None:
    async with audit_engine.begin() as connection:
        await connection.execute(insert(Entry).values(text="seen"))


@app.post("/crossed")
async def cross(db: Db, user: Current) -> None:
    await add(db, user, "before")
    async with sessions() as opened:
        await add(opened, user, "within")
        await opened.commit()
    await db.rollback()


@app.post("/gone")
async def gone(db: Db, user: Current) -> None:
    await add(db, user, "gone")
    await db.commit()
    if engine.dialect.name == "postgresql":
        async with engine.connect() as connection:
            await connection.execute(select(func.now()))
            await commit_past(connection)
    elif engine.dialect.name == "sqlite":
        try:
            await db.execute(text("INSERT OR ROLLBACK INTO teams (id) VALUES (:id)"), {"id": 1})
        except IntegrityError:
            await db.rollback()
    else:
        await db.execute(text("SET @made = 'CREATE TABLE made_in_a_request (name TEXT)'"))
        await db.execute(text("PREPARE made FROM @made"))
        await db.execute(text("EXECUTE made"))


@app.get("/moved")
async def moved() -> Response:
    return Response(status_code=307, headers={"location": "/moved"})


@app.get("/sleep")
async def sleep() -> None:
    await pause(60)


@app.get("/raise")
async def fail() -> None:
    raise ValueError("of the application")


@app.get("/exit")
async def leave_process() -> None:
    raise SystemExit(3)


@app.get("/old")
async def old() -> None:
    warnings.warn("old", FutureWarning, stacklevel=1)


@app.post("/mail")
async def mail() -> None:
    with smtplib.SMTP("mail.example.com") as server:
        server.sendmail("a@example.com", ["b@example.com"], "Subject: sent\n\nsent")
