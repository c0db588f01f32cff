"""SQLModel."""

import uuid
from datetime import datetime, timezone

import sqlalchemy as sa
from sqlmodel import Field, Relationship, SQLModel

from zoo.base import metadata


class Model(SQLModel):
    metadata = metadata


class Team(Model, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(index=True, unique=True, max_length=40)
    headquarters: str = Field(max_length=20)
    heroes: list["Hero"] = Relationship(back_populates="team")


class Hero(Model, table=True):
    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    name: str = Field(max_length=40)
    email: str = Field(unique=True)
    is_secret: bool = False
    age: int | None = None
    born_at: datetime = Field(
        default_factory=lambda: datetime.now(timezone.utc).replace(microsecond=0, tzinfo=None),
        sa_type=sa.DateTime,
    )
    team_id: int = Field(foreign_key="team.id")
    team: Team = Relationship(back_populates="heroes")


class Link(Model, table=True):
    team_id: int = Field(foreign_key="team.id", primary_key=True)
    hero_id: uuid.UUID = Field(foreign_key="hero.id", primary_key=True)
    role: str = Field(max_length=10)
