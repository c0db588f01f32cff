from typing import Annotated

import socketio
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm
from sqlalchemy.ext.asyncio import AsyncSession

from lounge.db import get_session
from lounge.models import Member
from lounge.realtime import router, sio
from lounge.security import authenticate, create_access_token, member_of

app = FastAPI()
app.include_router(router)
served = socketio.ASGIApp(sio, app)

Database = Annotated[AsyncSession, Depends(get_session)]
bearer = OAuth2PasswordBearer(tokenUrl="/login")


async def current_member(session: Database, token: Annotated[str, Depends(bearer)]) -> Member:
    member = await member_of(session, token)
    if member is None:
        raise HTTPException(401, "The token is not valid.")
    return member


@app.post("/login")
async def login(session: Database, form: Annotated[OAuth2PasswordRequestForm, Depends()]):
    member = await authenticate(session, form.username, form.password)
    if member is None:
        raise HTTPException(401, "Wrong address or password.")
    return {"access_token": create_access_token(member), "token_type": "bearer"}


@app.get("/members/me")
async def me(member: Annotated[Member, Depends(current_member)]):
    return {"id": member.id, "email": member.email}


@app.get("/health")
async def health():
    return {"status": "ok"}
