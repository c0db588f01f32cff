"""Where requests are looked for, no two tables have a row of the same number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import ForeignKey, SmallInteger, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from test_harness.walk.apart import set_apart


class Base(DeclarativeBase):
    """What the classes below are mapped by."""


class Post(Base):
    """Counted by the database."""

    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)


class Comment(Base):
    """The same."""

    __tablename__ = "comments"

    id: Mapped[int] = mapped_column(primary_key=True)


class Kind(Base):
    """Has too small a number."""

    __tablename__ = "kinds"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)


class Detail(Base):
    """Has the number of its post."""

    __tablename__ = "details"

    id: Mapped[int] = mapped_column(ForeignKey(Post.id), primary_key=True)


class Code(Base):
    """Is named by the application."""

    __tablename__ = "codes"

    id: Mapped[str] = mapped_column(primary_key=True)


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


def test_rows_of_two_tables_never_have_one_number(session: Session) -> None:
    rows: list[Any] = [Post(), Post(), Comment(), Comment()]
    session.add_all(rows)
    for row in rows:
        set_apart(row)
    session.flush()
    assert len({row.id for row in rows}) == 4
    assert {row.id for row in rows[:2]}.isdisjoint(row.id for row in rows[2:])
    plain = Post()
    session.add(plain)
    session.flush()
    assert plain.id not in {row.id for row in rows}


def test_a_number_that_is_not_counted_is_left_alone(session: Session) -> None:
    session.add(written := Comment())
    session.flush()
    number = written.id
    rows = [written, given := Post(id=7), kind := Kind(), detail := Detail(), code := Code()]
    session.add_all(rows)
    for row in rows:
        set_apart(row)
    assert (written.id, given.id) == (number, 7)
    assert [row.__dict__.get("id") for row in (kind, detail, code)] == [None] * 3
