from fastapi import APIRouter, Cookie, Depends, HTTPException, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.database import get_session
from app.models import Keeper, Session
from app.security import current_keeper, hash_password, hasher, open_session

router = APIRouter(tags=["keepers"])


class Credentials(BaseModel):
    email: str = Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)
    password: str = Field(min_length=8, max_length=128)


class KeeperOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    email: str


@router.post("/register", status_code=201, response_model=KeeperOut)
async def register(credentials: Credentials, db: AsyncSession = Depends(get_session)):
    keeper = Keeper(
        email=credentials.email.lower(), password_hash=hash_password(credentials.password)
    )
    db.add(keeper)
    try:
        await db.commit()
    except IntegrityError:
        raise HTTPException(409, "That address is registered.") from None
    return keeper


@router.post("/login", response_model=KeeperOut)
async def login(
    credentials: Credentials, response: Response, db: AsyncSession = Depends(get_session)
):
    keeper = await db.scalar(select(Keeper).where(Keeper.email == credentials.email.lower()))
    if keeper is None or not hasher.verify(credentials.password, keeper.password_hash):
        raise HTTPException(401, "Wrong email or password.")
    token = await open_session(db, keeper)
    response.set_cookie("session_id", token, httponly=True, samesite="lax")
    return keeper


@router.post("/logout", status_code=204)
async def logout(
    response: Response,
    session_id: str = Cookie(default=""),
    keeper: Keeper = Depends(current_keeper),
    db: AsyncSession = Depends(get_session),
):
    await db.execute(delete(Session).where(Session.token == session_id))
    await db.commit()
    response.delete_cookie("session_id")


@router.get("/me", response_model=KeeperOut)
async def me(keeper: Keeper = Depends(current_keeper)):
    return keeper
