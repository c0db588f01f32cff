"""The rows of both sides, and those who ask, for models of several shapes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from test_harness.application.clients import Credential
from test_harness.commands.routes import read_report, summed_up
from test_harness.errors import HarnessError, LoginError
from test_harness.observation.routes import Walker
from test_harness.walk import touched
from test_harness.walk.performing import credential_of
from test_harness.walk.recipe import Recipe
from test_harness.walk.rows import Rows
from test_harness.walk.steps import LoggingIn, Steps
from test_harness.walk.visit import Statement
from test_harness.walk.world import Principal, World
from tests.projects import harness_toml, project_in
from tests.worlds import build_tree

MODELS = """
from __future__ import annotations

import enum

from sqlalchemy import Boolean, Column, Enum, ForeignKey, ForeignKeyConstraint, String, Table, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Role(str, enum.Enum):
    VIEWER = "viewer"
    SUPERADMIN = "superadmin"
    MANAGER = "manager"


class Team(Base):
    __tablename__ = "teams"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20))


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(50), unique=True)
    password: Mapped[str] = mapped_column(String(200))
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
"""
SETTINGS = (
    harness_toml(project="shop", metadata="models_of_a_world:Base")
    + """[auth]
style = "{style}"
user_model = "models_of_a_world:User"
user_login_attribute = "email"
user_password_attribute = "password"
password_hasher = "builtins:str"
active_attribute = "is_active"
role_attribute = "{role}"
admin_role = "{admin}"

[flows]
"""
)

Build = Callable[..., Any]


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Build]:
    """Return a function that builds the world of some models, in a database in memory."""
    from test_harness.factories.base import bound_to
    from test_harness.walk import world

    name = "models_of_a_world"
    monkeypatch.syspath_prepend(str(tmp_path))
    engine = sa.create_engine("sqlite://")

    def forget() -> None:
        if (known := sys.modules.pop(name, None)) is not None:
            # Mappers of all tests are configured together.
            known.Base.registry.dispose()
        world._missing.clear()
        world._nobody.clear()
        world._one_by_one.clear()

    def made(
        models: str = "",
        role: str = "",
        admin: str = "admin",
        style: str = "http_basic",
        **asked: Any,
    ) -> tuple[Any, Any, Session]:
        text = SETTINGS.format(role=role, admin=admin, style=style)
        build_tree(tmp_path, {f"{name}.py": MODELS + dedent(models), "harness.toml": text})
        found = __import__(name)
        found.Base.metadata.create_all(engine)
        classes = asked.pop("classes", None)
        wanted = [getattr(found, it) for it in classes] if classes else None
        refuses = asked.pop("refuses", lambda user: False)
        return driven(world.build_world(wanted, **asked), refuses), found, session

    forget()
    with project_in(tmp_path), Session(engine) as session, bound_to(session):
        yield made
    engine.dispose()
    forget()


def driven(steps: Steps[World], refuses: Callable[[Any], bool]) -> World:
    """Take steps; who logs in shows an address, unless the application refuses it."""
    step = next(steps)
    try:
        while True:
            if not isinstance(step, LoggingIn):
                assert callable(step)
                step = steps.send(step())
            elif error := failing(refuses, step.user):
                step = steps.throw(error)
            else:
                step = steps.send(Credential(headers={"who": step.user.email}))
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


def failing(refuses: Callable[[Any], bool], user: Any) -> Exception | None:
    """Return what comes of a login that does not open; None of one that does."""
    try:
        is_refused = refuses(user)
    except Exception as error:  # noqa: BLE001 - it stands for whatever an application raises
        return error
    return LoginError("You do not get in.", "Be another one.") if is_refused else None


def test_without_a_login_nobody_asks_but_there_are_rows(build: Build) -> None:
    world, _, _ = build(style="none")
    assert {*world.principals} == {"anonymous"}
    assert world.ours["users"]["id"] != world.theirs["users"]["id"]


def test_without_tenants_there_are_an_owner_and_a_stranger(build: Build) -> None:
    world, _, _ = build(
        """
        class Note(Base):
            __tablename__ = "notes"
            id: Mapped[int] = mapped_column(primary_key=True)
            text: Mapped[str] = mapped_column(String(20))
            author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
            closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
        """
    )
    assert {*world.principals} == {"anonymous", "owner", "stranger", "inactive"}
    for side in (world.ours, world.theirs):
        assert side["notes"]["author_id"] == side["users"]["id"]
        assert side["notes"]["closed_by_id"] is None


def test_roles_of_users_without_tenants_are_no_owner_s(build: Build) -> None:
    world, models, _ = build(
        """
        User.role = mapped_column(Enum(Role), default=Role.VIEWER)
        """,
        role="role",
        admin="superadmin",
    )
    assert world.roles == ("superadmin", "manager", "viewer")
    said = {name: one.user and one.user["role"] for name, one in world.principals.items()}
    assert said == {
        "anonymous": None,
        "owner": models.Role.VIEWER,
        "stranger": models.Role.VIEWER,
        "role:superadmin": models.Role.SUPERADMIN,
        "role:manager": models.Role.MANAGER,
        "role:viewer": models.Role.VIEWER,
        "admin": models.Role.SUPERADMIN,
        "inactive": models.Role.VIEWER,
    }


def test_a_key_of_the_user_leads_to_the_tenant(build: Build) -> None:
    world, models, _ = build(
        """
        User.team_id = mapped_column(ForeignKey("teams.id"), nullable=False)
        User.role = mapped_column(Enum(Role), default=Role.VIEWER)
        """,
        role="role",
        admin="superadmin",
    )
    ours = world.ours["teams"]["id"]
    users = {name: one.user for name, one in world.principals.items() if one.user}
    assert {name for name, user in users.items() if user["team_id"] != ours} == {"stranger"}
    # The strongest of a tenant, which is not who runs the application.
    assert users["owner"]["role"] is users["stranger"]["role"] is models.Role.MANAGER
    assert users["member"]["role"] is models.Role.VIEWER
    assert "removed" not in users


JOINED = """
    joined = Table(
        "joined", Base.metadata,
        Column("person", ForeignKey("users.id"), primary_key=True),
        Column("team", ForeignKey("teams.id"), primary_key=True),
    )
    User.teams = relationship(Team, secondary=joined)


    class Project(Base):
        __tablename__ = "projects"
        id: Mapped[int] = mapped_column(primary_key=True)
        team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
"""


def test_a_table_without_a_class_has_the_members(build: Build) -> None:
    world, models, session = build(JOINED)
    found = {*session.execute(sa.select(models.joined.c.person, models.joined.c.team))}
    ours, theirs = world.ours["teams"]["id"], world.theirs["teams"]["id"]
    ids = {name: one.user["id"] for name, one in world.principals.items() if one.user}
    assert found == {
        (ids["owner"], ours), (ids["member"], ours), (ids["inactive"], ours),
        (ids["stranger"], theirs),
    }  # fmt: skip
    assert ids["removed"] not in {person for person, _ in found}
    assert session.get(models.User, ids["inactive"]).is_active is False
    assert world.ours["projects"]["team_id"] == ours


def test_a_role_that_users_share_is_one_row(build: Build) -> None:
    world, models, session = build(
        """
        class Grant(Base):
            __tablename__ = "grants"
            id: Mapped[int] = mapped_column(primary_key=True)
            name: Mapped[str] = mapped_column(String(20), unique=True)


        granted = Table(
            "granted", Base.metadata,
            Column("user_id", ForeignKey("users.id"), primary_key=True),
            Column("grant_id", ForeignKey("grants.id"), primary_key=True),
        )
        User.grants = relationship(Grant, secondary=granted)
        """,
        role="models_of_a_world:Grant.name",
    )
    assert world.roles == ("admin",)
    admin = session.get(models.User, world.principals["admin"].user["id"])
    assert [grant.name for grant in admin.grants] == ["admin"]
    assert world.principals["admin"].user == world.principals["role:admin"].user
    assert world.ownership.tenants == ()


def test_a_role_of_a_row_beside_the_user_is_made_for_it(build: Build) -> None:
    world, models, session = build(
        """
        class Rank(Base):
            __tablename__ = "ranks"
            id: Mapped[int] = mapped_column(primary_key=True)
            user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
            name: Mapped[Role] = mapped_column(Enum(Role))
        """,
        role="models_of_a_world:Rank.name",
        admin="manager",
    )
    rank = sa.select(models.Rank.name).where(
        models.Rank.user_id == world.principals["admin"].user["id"]
    )
    assert [*session.scalars(rank)] == [models.Role.MANAGER]


def test_rows_that_go_on_from_a_base_are_whole(build: Build) -> None:
    world, _, _ = build(
        """
        class Animal(Base):
            __tablename__ = "animals"
            id: Mapped[int] = mapped_column(primary_key=True)
            kind: Mapped[str] = mapped_column(String(10))
            owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
            __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "animal"}


        class Dog(Animal):
            __tablename__ = "dogs"
            id: Mapped[int] = mapped_column(ForeignKey("animals.id"), primary_key=True)
            tricks: Mapped[str] = mapped_column(String(20))
            __mapper_args__ = {"polymorphic_identity": "dog"}


        class Cat(Animal):
            __mapper_args__ = {"polymorphic_identity": "cat"}


        class Walk(Base):
            __tablename__ = "walks"
            id: Mapped[int] = mapped_column(primary_key=True)
            dog_id: Mapped[int] = mapped_column(ForeignKey("dogs.id"))
        """
    )
    for side in (world.ours, world.theirs):
        dog, cat, animal = side["dogs"], side["animals.Cat"], side["animals"]
        assert [one["kind"] for one in (dog, cat, animal)] == ["dog", "cat", "animal"]
        assert {one["owner_id"] for one in (dog, cat, animal)} == {side["users"]["id"]}
        assert side["walks"]["dog_id"] == dog["id"]
        assert dog["tricks"]


def test_keys_of_several_columns_lead_to_the_same_side(build: Build) -> None:
    world, _, _ = build(
        """
        User.team_id = mapped_column(ForeignKey("teams.id"), nullable=False)


        class Page(Base):
            __tablename__ = "pages"
            team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), primary_key=True)
            number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


        class Line(Base):
            __tablename__ = "lines"
            id: Mapped[int] = mapped_column(primary_key=True)
            team_id: Mapped[int]
            page: Mapped[int]
            __table_args__ = (
                ForeignKeyConstraint(["team_id", "page"], ["pages.team_id", "pages.number"]),
            )
        """
    )
    for side in (world.ours, world.theirs):
        line, page = side["lines"], side["pages"]
        assert line["team_id"] == page["team_id"] == side["teams"]["id"]
        assert line["page"] == page["number"]


def test_what_leads_round_is_closed_when_both_are_there(build: Build) -> None:
    world, models, _ = build(
        """
        User.team_id = mapped_column(ForeignKey("teams.id"), nullable=False)
        Team.owner_id = mapped_column(ForeignKey("users.id", use_alter=True), nullable=True)


        class Bill(Base):
            __tablename__ = "bills"
            id: Mapped[int] = mapped_column(primary_key=True)
            team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
        """
    )
    assert world.ownership.tenants == (models.Team,)
    assert world.ours["bills"]["team_id"] == world.ours["teams"]["id"]


UNMADE = """
    class Note(Base):
        __tablename__ = "notes"
        id: Mapped[int] = mapped_column(primary_key=True)
        author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


    class Reply(Base):
        __tablename__ = "replies"
        id: Mapped[int] = mapped_column(primary_key=True)
        author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


    @event.listens_for({refused}, "before_insert")
    def refuse(*_):
        raise TypeError("not today")
"""


def test_a_class_of_which_no_row_can_be_made_is_told_and_left_out(build: Build) -> None:
    world, models, session = build(UNMADE.format(refused="Reply"))
    assert world.missing == {models.Reply: "TypeError: not today"}
    assert "replies" not in world.ours
    assert world.ours["notes"]["author_id"] == world.ours["users"]["id"]
    # What was tried before is not there twice.
    assert session.scalar(sa.select(sa.func.count()).select_from(models.Note)) == 2


def test_who_is_not_logged_in_does_not_ask(build: Build) -> None:
    lines = """
        User.team_id = mapped_column(ForeignKey("teams.id"), nullable=False)
        User.role = mapped_column(Enum(Role), default=Role.VIEWER)
    """
    asked = {"role": "role", "admin": "superadmin"}
    world, _, _ = build(lines, refuses=lambda user: user.role.value == "viewer", **asked)
    assert {name: error.problem for name, error in world.absent.items()} == {
        "member": "You do not get in.", "role:viewer": "You do not get in.",
    }  # fmt: skip
    assert {"owner", "stranger", "role:manager"} < {*world.principals}


def test_where_no_login_opens_nobody_asks_but_there_are_rows(build: Build) -> None:
    world, _, _ = build(refuses=lambda user: True)
    assert {*world.principals} == {"anonymous"}
    assert {*world.absent} == {"owner", "stranger", "inactive"}
    assert {str(world.error_of(name)) for name in world.absent} == {
        "You do not get in.\n  Fix: Be another one."
    }
    assert world.ours["users"]["id"] != world.theirs["users"]["id"]


def test_a_login_that_raises_is_told_of(build: Build) -> None:
    def refuses(user: Any) -> bool:
        raise ZeroDivisionError(f"no such address: {user.email}")

    world, _, _ = build(refuses=refuses)
    assert {*world.principals} == {"anonymous"}
    assert world.error_of("owner").problem == (
        "The login of the application raised ZeroDivisionError: no such address: "
        f"{world.ours['users']['email']}."
    )


def test_without_users_nobody_asks_and_there_is_what_needs_none(build: Build) -> None:
    lines = """
    class Word(Base):
        __tablename__ = "words"
        id: Mapped[int] = mapped_column(primary_key=True)
    """
    for _ in range(2):  # What cannot be made is known the second time.
        asked = UNMADE.format(refused="User") + lines
        world, models, _ = build(asked)
        assert {*world.principals} == {"anonymous"}
        assert {*world.ours} == {"teams", "words"}
        assert world.missing.keys() == {models.User, models.Note, models.Reply}
        error = world.error_of("owner")
        assert error.problem == (
            "No row of User can be made to ask the routes with: TypeError: not today."
        )
        assert "UserFactory" in error.fix


def test_who_does_not_ask_is_told_of_where_a_request_is_theirs() -> None:
    absent = {"owner": HarnessError("The login answered 500.", "Mend it.")}
    world = World({}, {}, {"anonymous": Principal("anonymous")}, absent=absent)
    for _ in range(2):
        with pytest.raises(HarnessError, match="The login answered 500") as raised:
            credential_of(Recipe("owner"), world)
        assert raised.value is not absent["owner"]
    with pytest.raises(HarnessError, match="'admin', who is nobody here"):
        credential_of(Recipe("admin"), world)


def test_why_nobody_asks_is_said_once(tmp_path: Path) -> None:
    report = tmp_path / "routes.jsonl"
    first = {"operations": ["GET /me"], "notes": [], "wrong": []}
    report.write_text(json.dumps(first) + "\n")
    absent = dict.fromkeys(("owner", "stranger"), HarnessError("It answered 500.", "Mend it."))
    Walker(report).say_who_is_absent(World({}, {}, {}, absent=absent))
    summary = summed_up(read_report(report))
    assert summary["absent"] == [
        "Nobody was asked as owner, stranger: It answered 500.\n  Fix: Mend it."
    ]
    assert (summary["reached"], summary["of"]) == (0, 1)


def test_nothing_is_said_of_one_role_that_does_not_get_in(tmp_path: Path) -> None:
    report = tmp_path / "routes.jsonl"
    absent = {"role:viewer": HarnessError("It answered 401.", "Mend it.")}
    Walker(report).say_who_is_absent(World({}, {}, {}, absent=absent))
    assert not report.exists()


def test_only_what_is_asked_for_is_made_with_what_it_needs(build: Build) -> None:
    world, _, _ = build(JOINED, classes=["Project"], principals=["member"])
    assert {*world.ours} == {"teams", "users", "projects"}
    assert {*world.principals} == {"anonymous", "owner", "stranger", "member"}


# ------------------------------------------------------- what a request may have written to

TREE = """
    class Shelf(Base):
        __tablename__ = "shelves"
        id: Mapped[int] = mapped_column(primary_key=True)
        team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))


    class Book(Base):
        __tablename__ = "books"
        id: Mapped[int] = mapped_column(primary_key=True)
        shelf_id: Mapped[int] = mapped_column(ForeignKey("shelves.id", ondelete="CASCADE"))
"""


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("SELECT * FROM books", ""),
        ("SAVEPOINT books", ""),
        ("SET search_path = books", ""),
        ("INSERT INTO teams (id) VALUES (1)", "teams"),
        ('/* first */ insert into "Teams" (id) VALUES (1)', "teams"),
        ("INSERT INTO books SELECT * FROM shelves", "books shelves"),
        ("DELETE FROM teams", "books shelves teams"),
        ("UPDATE shelves SET id = 2", "books shelves"),
        ("WITH gone AS (DELETE FROM books RETURNING *) SELECT * FROM gone", "books"),
        ("CALL tidy()", "books shelves teams users"),
        ("REPLACE INTO bookshelves VALUES (1)", "books shelves teams users"),
    ],
)
def test_tables_that_a_statement_may_change_are_named_by_it(
    build: Build, sql: str, tables: str
) -> None:
    build(TREE)
    found = touched.written_tables([Statement("SELECT 1"), Statement(sql)])
    assert sorted(table.name for table in found) == tables.split()


def test_a_trigger_writes_where_no_statement_says_so(build: Build) -> None:
    _, _, session = build(TREE)
    connection = session.connection()
    assert not touched.has_hidden_writes(connection)
    connection.execute(
        sa.text("CREATE TRIGGER tidy AFTER INSERT ON teams BEGIN DELETE FROM books; END")
    )
    assert touched.has_hidden_writes(connection)
    rows = Rows(session)
    asked = [Statement("INSERT INTO books (id) VALUES (1)")]
    assert {table.name for table in rows.may_have_changed(asked, unseen=False)} == {
        "books", "shelves", "teams", "users",
    }  # fmt: skip
