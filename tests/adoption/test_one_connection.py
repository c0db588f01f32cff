"""What one connection cannot give an application gets on real ones, and later runs know it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds import build_tree, render, run

pytestmark = pytest.mark.runs

HEAD = """
import os

from fastapi import FastAPI
from sqlalchemy import String, create_engine, func, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine(os.getenv("DATABASE_URL", "postgresql+psycopg://app@db.example.com/shop"))


class Base(DeclarativeBase):
    pass


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(30))
    at: Mapped[str] = mapped_column(server_default=func.now())


app = FastAPI()


@app.get("/health")
def health():
    return {"status": "ok"}


@app.post("/posts", status_code=201)
def create(title: str):
    with Session(engine) as session:
        session.add(Post(title=title))
        session.commit()


@app.get("/posts")
def newest_first():
    with Session(engine) as session:
        return [*session.scalars(select(Post.title).order_by(Post.at.desc(), Post.id))]


@app.get("/report")
def report():
    with engine.connect().execution_options(isolation_level="SERIALIZABLE") as connection:
        return connection.scalar(text("SHOW transaction_isolation"))
"""
FIELD = """
import pytest
from factories import PostFactory

from test_harness.runtime.process import runtime


def test_newest_first(client):
    for title in ("first", "second"):
        client.post("/posts", params={"title": title})
    assert client.get("/posts").json() == ["second", "first"]


def test_two_posts(client):
    for title in ("first", "second"):
        client.post("/posts", params={"title": title})
    assert len(client.get("/posts").json()) == 2
    assert runtime().seam.isolates


def test_report(client):
    PostFactory.create()
    assert len(client.get("/posts").json()) == 1
    assert client.get("/report").json() == "serializable"


@pytest.mark.parametrize("asks", [False, True])
def test_with_parameters_each_is_on_its_own(client, asks):
    if asks:
        client.get("/report")
    assert runtime().seam.isolates is not asks


@pytest.fixture(scope="module")
def kept(engine):
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO posts (title) VALUES ('kept')")


def test_what_several_tests_share_stays(client, kept):
    assert client.get("/report").status_code == 200
    assert client.get("/posts").json() == ["kept"]
"""
# One session for all requests, as small applications have it.
GLOBAL = (
    HEAD
    + """

kept = Session(engine)


@app.post("/notes", status_code=201)
def note(title: str):
    made = Post(title=title)
    kept.add(made)
    kept.commit()
    kept.refresh(made)
    return kept.scalars(select(Post.title)).all()
"""
)
NOTES = """
import pytest


def test_a_note_on_the_connection_of_all(client):
    assert client.post("/notes", params={"title": "a"}).json() == ["a"]


@pytest.mark.real_commits
def test_a_note_on_a_connection_of_its_own(client):
    for titles in (["a"], ["a", "b"]):
        assert client.post("/notes", params={"title": titles[-1]}).json() == titles


def test_a_note_on_the_connection_of_all_again(client):
    assert client.post("/notes", params={"title": "a"}).json() == ["a"]
"""


def line_of(text: str) -> int:
    """Return the line of the application that a text stands in."""
    return HEAD.lstrip().partition(text)[0].count("\n") + 1


BEGUN = "test harness: 3 tests were begun anew on connections of their own"
NOW = (
    f"api/test_field.py::test_newest_first: app/main.py:{line_of('session.commit()')} "
    "had two transactions take their time from PostgreSQL, whose now() is when one began"
)
ASKED = f"app/main.py:{line_of('SERIALIZABLE')} asked for the isolation level SERIALIZABLE"
LEVEL = f"api/test_field.py::test_report: {ASKED}"


def adopt(template: Path, python: Path, root: Path, application: str) -> Path:
    build_tree(root, {"app/__init__.py": "", "app/main.py": application.lstrip()})
    build_tree(root, {"requirements.txt": "fastapi\nsqlalchemy\npsycopg[binary]\n"})
    render(template, root, overwrite=True)
    run(python, "-m", "pytest", "-q", "--write-factories", cwd=root)
    return build_tree(root, {"tests/api/test_field.py": FIELD})


def test_a_test_is_begun_anew_once(template: Path, suite_python: Path, tmp_path: Path) -> None:
    root = adopt(template, suite_python, tmp_path / "shop", HEAD)
    command = (suite_python, "-m", "pytest", "-q", "tests/api")
    printed = run(*command, cwd=root).stdout
    assert "6 passed" in printed
    assert BEGUN in printed
    assert f"  {NOW}\n  {LEVEL}\n" in printed
    # Whose rows are nowhere else stays, and is told.
    assert f"{ASKED}. Fix: mark the test" in printed
    assert "row-level security" not in printed
    remembered = (root / "tests" / "real_commits.txt").read_text(encoding="utf-8")
    assert NOW.replace(": ", "\n  ", 1) in remembered
    assert "test_two_posts" not in remembered
    again = run(*command, cwd=root).stdout
    assert "6 passed" in again
    assert "begun anew" not in again
    shared = run(*command, cwd=root, check=False, TEST_HARNESS_DATABASE_ISOLATION="shared").stdout
    assert "3 failed, 3 passed" in shared
    assert "Fix: if that is why it fails, mark it with @pytest.mark.real_commits." in shared
    wrong = run(*command, cwd=root, check=False, TEST_HARNESS_DATABASE_ISOLATION="no").stdout
    assert "[database] isolation = 'no' is none of auto, shared." in wrong


def test_a_session_of_the_whole_application_goes_where_the_test_is(
    template: Path, suite_python: Path, tmp_path: Path
) -> None:
    root = adopt(template, suite_python, tmp_path / "shop", GLOBAL)
    build_tree(root, {"tests/api/test_field.py": NOTES})
    command = ("-m", "pytest", "-q", "-p", "no:randomly", "tests/api")
    assert "3 passed" in run(suite_python, *command, cwd=root).stdout
