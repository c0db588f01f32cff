"""Backends of a few lines, and what is read from them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from extensions.discovery import Facts, as_data, discover
from tests.worlds import build_tree

BASE = """\
from sqlalchemy import Column, Integer, String
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id = Column(Integer, primary_key=True)
    email = Column(String)
    hashed_password = Column(String)
"""


APP = "from fastapi import FastAPI\n\napp = FastAPI()\n"


def proposed(root: Path, files: Mapping[str, str]) -> dict[str, Any]:
    """Write a backend and return what is proposed for it."""
    return discover(build_tree(root, files))


SHOP = "from fastapi import FastAPI\n\nfrom shop import routes\n\napp = FastAPI()\n"


BEARER = """\
from fastapi import APIRouter, Depends
from fastapi.security import HTTPBearer

from shop import tokens

scheme = HTTPBearer()
router = APIRouter()


@router.get("/me")
def me(given=Depends(scheme)):
    return tokens.owner(given.credentials)
"""


def read(root: Path, files: Mapping[str, str]) -> dict[str, Any]:
    """Write a package `shop` and return all facts about it."""
    return as_data(Facts(build_tree(root, {"shop/__init__.py": "", **files})))


RENEWS = """\
from fastapi import Depends, FastAPI
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

app = FastAPI()
scheme = OAuth2PasswordBearer(tokenUrl="/auth/token")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    password: Mapped[str]


def get_current_user(token: str = Depends(scheme)):
    return decode(token)


@app.post("/auth/token")
def login(form: OAuth2PasswordRequestForm = Depends()):
    return {"access_token": encode(form.username)}


@app.get("/me")
def me(user: User = Depends(get_current_user)):
    return user


@app.post("/auth/refresh")
def refresh(%s):
    "Return a refreshed token."
    return {"access_token": encode(user.email)}
"""


LOGS_OUT = """\
import jwt
from fastapi import Body, Depends, FastAPI, Form, HTTPException
from fastapi.security import OAuth2PasswordBearer
from passlib.context import CryptContext
from pydantic import BaseModel
from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

engine = create_engine("sqlite:///./app.db")
SessionLocal = sessionmaker(engine)
passwords = CryptContext(schemes=["bcrypt"])
scheme = OAuth2PasswordBearer(tokenUrl="/login")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    hashed_password: Mapped[str]


class Credentials(BaseModel):
    email: str
    password: str


class Logout(BaseModel):
    refresh_token: str


class Everywhere(BaseModel):
    everywhere: bool = False


def get_db():
    with SessionLocal() as session:
        yield session


def hash_password(password: str) -> str:
    return passwords.hash(password)


def current_user(token: str = Depends(scheme), db: Session = Depends(get_db)) -> User:
    return db.scalar(select(User).where(User.email == jwt.decode(token, "key")["sub"]))


app = FastAPI()


@app.post("/login")
def login(body: Credentials, db: Session = Depends(get_db)):
    user = db.scalar(select(User).where(User.email == body.email))
    if not user or not passwords.verify(body.password, user.hashed_password):
        raise HTTPException(401)
    return {"access_token": jwt.encode({"sub": user.email}, "key"), "refresh_token": "x"}


@app.post("/logout")
def logout(TAKEN):
    return {}


@app.get("/me")
def me(user: User = Depends(current_user)):
    return {"email": user.email}
"""
