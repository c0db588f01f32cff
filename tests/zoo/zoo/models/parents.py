"""Rows that cannot be without others."""

import uuid
from typing import Optional

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from zoo.base import Base


class Author(Base):
    __tablename__ = "authors"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50))
    books: Mapped[list["Book"]] = relationship(
        back_populates="author", foreign_keys="Book.author_id"
    )


class Book(Base):
    __tablename__ = "books"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(sa.String(50))
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
    editor_id: Mapped[int | None] = mapped_column(ForeignKey("authors.id"))
    author: Mapped[Author] = relationship(back_populates="books", foreign_keys=[author_id])
    editor: Mapped[Author | None] = relationship(foreign_keys=[editor_id])
    genres: Mapped[list["Genre"]] = relationship(secondary="book_genres")


class Chapter(Base):
    """A parent without a relationship."""

    __tablename__ = "chapters"

    id: Mapped[int] = mapped_column(primary_key=True)
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id"))


class Genre(Base):
    __tablename__ = "genres"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50), unique=True)


Table(
    "book_genres",
    Base.metadata,
    Column("book_id", ForeignKey("books.id"), primary_key=True),
    Column("genre_id", ForeignKey("genres.id"), primary_key=True),
)


class Rating(Base):
    """An association object: its key is that of its parents."""

    __tablename__ = "ratings"

    book_id: Mapped[int] = mapped_column(ForeignKey("books.id"), primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"), primary_key=True)
    stars: Mapped[int]
    book: Mapped[Book] = relationship()
    author: Mapped[Author] = relationship()


class Follow(Base):
    """An association of a class with itself, and no relationship."""

    __tablename__ = "follows"
    __table_args__ = (CheckConstraint("follower_id <> followed_id"),)

    follower_id: Mapped[int] = mapped_column(ForeignKey("authors.id"), primary_key=True)
    followed_id: Mapped[int] = mapped_column(ForeignKey("authors.id"), primary_key=True)


class Biography(Base):
    """One to one."""

    __tablename__ = "biographies"

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"), unique=True)
    author: Mapped[Author] = relationship()


class Category(Base):
    """May have a parent of its own class."""

    __tablename__ = "categories"

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    parent: Mapped[Optional["Category"]] = relationship(remote_side="Category.id")


class Node(Base):
    """Has to have a parent of its own class: the first one is its own."""

    __tablename__ = "nodes"

    id: Mapped[uuid.UUID] = mapped_column(sa.Uuid, primary_key=True, default=uuid.uuid4)
    root_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("nodes.id"))
    root: Mapped["Node"] = relationship(remote_side="Node.id")


class Department(Base):
    """One of a circle, in which one key may be empty."""

    __tablename__ = "departments"

    id: Mapped[int] = mapped_column(primary_key=True)
    head_id: Mapped[int | None] = mapped_column(
        ForeignKey("employees_of_departments.id", use_alter=True, name="fk_head")
    )
    head: Mapped[Optional["Employee"]] = relationship(foreign_keys=[head_id], post_update=True)


class Employee(Base):
    __tablename__ = "employees_of_departments"

    id: Mapped[int] = mapped_column(primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"))
    department: Mapped[Department] = relationship(foreign_keys=[department_id])


class Comment(Base):
    """Belongs to exactly one of two."""

    __tablename__ = "comments"
    __table_args__ = (CheckConstraint("(book_id IS NULL) <> (author_id IS NULL)"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    book_id: Mapped[int | None] = mapped_column(ForeignKey("books.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("authors.id"))
    book: Mapped[Book | None] = relationship()
    author: Mapped[Author | None] = relationship()


class Selected(Base):
    """Only to be read."""

    __table__ = sa.select(Author.id, Author.name).where(Author.name != "").subquery("selected")
    __mapper_args__ = {"primary_key": [__table__.c.id]}  # noqa: RUF012 - as SQLAlchemy documents it
