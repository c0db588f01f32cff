from typing import Annotated

from fastapi import APIRouter, Body, Depends, HTTPException
from sqlmodel import select

from warehouse import schemas
from warehouse.db import DbSession
from warehouse.models import User
from warehouse.security import create_access_token, get_current_user, verify_password

router = APIRouter()
users = APIRouter(prefix="/users", tags=["users"])


@users.post("/login")
def login(session: DbSession, body: Annotated[schemas.LoginRequest, Body()]) -> schemas.UserResponse:
    user = session.exec(select(User).where(User.email == body.user.email)).first()
    if user is None or not verify_password(body.user.password, user.hashed_password):
        raise HTTPException(401)
    return schemas.UserResponse(
        user=schemas.User(email=user.email, token=create_access_token(user))
    )


@router.get("/user")
def me(user: Annotated[User, Depends(get_current_user)]) -> str:
    return user.email


router.include_router(users)
