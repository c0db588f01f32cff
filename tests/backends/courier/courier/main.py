from typing import Annotated

from fastapi import Depends, FastAPI, Form, HTTPException
from fastapi.security import OAuth2PasswordBearer
from jwt import InvalidTokenError
from pydantic import BaseModel
from sqlalchemy import select

from courier.database import SessionDep
from courier.models import Rider
from courier.tokens import decode_jwt, encode_jwt, validate_password

app = FastAPI(title="Courier")
oauth2_scheme = OAuth2PasswordBearer(tokenUrl="/auth/login")


class TokenInfo(BaseModel):
    access_token: str
    token_type: str = "Bearer"


@app.post("/auth/login")
async def auth_user(
    session: SessionDep, username: Annotated[str, Form()], password: Annotated[str, Form()]
) -> TokenInfo:
    rider = await session.scalar(select(Rider).where(Rider.username == username))
    if rider is None or not validate_password(password, rider.password):
        raise HTTPException(401, "invalid username or password")
    if not rider.active:
        raise HTTPException(403, "user inactive")
    return TokenInfo(access_token=encode_jwt({"sub": str(rider.id), "username": rider.username}))


async def current_rider(
    session: SessionDep, token: Annotated[str, Depends(oauth2_scheme)]
) -> Rider:
    try:
        payload = decode_jwt(token)
        rider_id = int(payload["sub"])
    except (InvalidTokenError, KeyError, ValueError):
        raise HTTPException(401, "token invalid") from None
    rider = await session.get(Rider, rider_id)
    if rider is None:
        raise HTTPException(401, "token invalid")
    if not rider.active:
        raise HTTPException(403, "user inactive")
    return rider


@app.get("/riders/me")
async def me(rider: Annotated[Rider, Depends(current_rider)]) -> dict[str, str]:
    return {"username": rider.username}
