"""Rows as plain values, also where an object goes on with its key as it was made."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import String, TypeDecorator, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from test_harness.walk.stored import rows_of


class Plain(TypeDecorator[str]):
    """Takes whatever it is given for text, as some drivers do by themselves."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: object, dialect: object) -> str:
        return str(value)


class Base(DeclarativeBase):
    """What the class below is mapped by."""


class Note(Base):
    """Is numbered by a UUID in a column of texts, as a SQLModel whose `id: str` has `uuid4`."""

    __tablename__ = "notes"

    id: Mapped[str] = mapped_column(Plain, primary_key=True)


@pytest.mark.parametrize("made", [uuid.UUID(int=7), "plain"])
def test_a_key_that_the_column_keeps_as_text_is_found(made: object) -> None:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(note := Note(id=made))
        session.flush()
        [rows], _ = rows_of(session, [{Note: note}], [])
    engine.dispose()
    assert rows == {"notes": {"id": str(made)}}
