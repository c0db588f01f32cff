"""An application whose tokens are stateless, as those of most are."""

import hashlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta, timezone
from typing import Annotated

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SECRET_KEY = "only-for-benchmarks-0123456789abcdef"  # noqa: S105
ALGORITHM = "HS256"

engine = create_async_engine("sqlite+aiosqlite:///members.db")
new_session = async_sessionmaker(engine)
bearer = OAuth2PasswordBearer(tokenUrl="/login")
app = FastAPI()


class Base(DeclarativeBase):
    """What the models register with."""


class User(Base):
    """Somebody who logs in."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    hashed_password: Mapped[str]


async def get_session() -> AsyncIterator[AsyncSession]:
    """Give a session to a request."""
    async with new_session() as session:
        yield session


Session = Annotated[AsyncSession, Depends(get_session)]
Credentials = Annotated[OAuth2PasswordRequestForm, Depends()]


def hash_password(password: str) -> str:
    """Return what is stored of a password; no login is measured, so it need not be slow."""
    return hashlib.sha256(password.encode()).hexdigest()


def create_access_token(user: User) -> str:
    """Return what a user shows from now on."""
    claims = {"sub": str(user.id), "exp": datetime.now(timezone.utc) + timedelta(hours=1)}
    token: str = jwt.encode(claims, SECRET_KEY, algorithm=ALGORITHM)
    return token


async def current_user(session: Session, token: Annotated[str, Depends(bearer)]) -> User:
    """Return who sends a request."""
    try:
        claims = jwt.decode(token, SECRET_KEY, algorithms=[ALGORITHM])
    except jwt.InvalidTokenError:
        raise HTTPException(401, "Could not validate credentials") from None
    user = await session.get(User, int(claims["sub"]))
    if user is None:
        raise HTTPException(401, "Could not validate credentials")
    return user


@app.post("/login")
async def login(
    session: Session, form: Annotated[OAuth2PasswordRequestForm, Depends()]
) -> dict[str, str]:
    """Trade a password for a token."""
    user = await session.scalar(select(User).where(User.email == form.username))
    if user is None or hash_password(form.password) != user.hashed_password:
        raise HTTPException(401, "Incorrect email or password")
    return {"access_token": create_access_token(user), "token_type": "bearer"}


@app.get("/me")
async def me(user: Annotated[User, Depends(current_user)]) -> dict[str, str]:
    """Tell who is logged in."""
    return {"email": user.email}


@app.get("/health")
async def health() -> dict[str, str]:
    """Answer whoever asks."""
    return {"status": "ok"}
