from sqlalchemy import BigInteger, Column
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class UserBase(SQLModel):
    email: str = Field(unique=True, index=True)
    username: str = Field(unique=True)


class User(UserBase, table=True):
    id: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True))
    hashed_password: str


class UserCreate(UserBase):
    password: str


class ItemBase(SQLModel):
    name: str


class Item(ItemBase, table=True):
    id: int | None = Field(default=None, primary_key=True)
    details: dict = Field(default_factory=dict, sa_column=Column(JSONB))
