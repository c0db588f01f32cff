"""Roles: where they are is read from the code, and users get the one that is asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from extensions.discovery import Facts, Finding
from test_harness.auth.roles import user_in_role
from test_harness.errors import SettingsError
from test_harness.factories.base import bound_to
from tests.projects import harness_toml, project_in
from tests.worlds import build_tree

LOGIN = """\
from fastapi import FastAPI
from fastapi.security import OAuth2PasswordBearer
import jwt

from shop.models import User

app = FastAPI()
scheme = OAuth2PasswordBearer("/login")


@app.post("/login")
def login(email: str, password: str):
    user = session.query(User).filter_by(email=email).one()
    return {"access_token": jwt.encode({"sub": user.email})}
"""
USER = """\
import enum

from sqlalchemy import Boolean, Enum, ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Role(str, enum.Enum):
    CLERK = "clerk"
    BOSS = "administrator"


class Level(enum.IntEnum):
    GUEST = 1
    ADMIN = 2


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(100), unique=True)
    hashed_password: Mapped[str] = mapped_column(String(100))
"""
GRANTED = """
    roles: Mapped[list["Grant"]] = relationship(secondary="granted", back_populates="users")


class Granted(Base):
    __tablename__ = "granted"
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    grant_id: Mapped[int] = mapped_column(ForeignKey("grants.id"), primary_key=True)


class Grant(Base):
    __tablename__ = "grants"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20), unique=True)
    users: Mapped[list[User]] = relationship(secondary="granted", back_populates="roles")
"""
MEMBER = """

class Member(Base):
    __tablename__ = "members"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    role: Mapped[Role] = mapped_column(Enum(Role))
"""


def found(root: Path, of_the_user: str, after: str = "") -> tuple[Finding, Finding]:
    """Return where roles are and who may do most, in a shop whose user has some more lines."""
    files = {
        "shop/__init__.py": "",
        "shop/main.py": LOGIN,
        "shop/models.py": USER + of_the_user + after,
    }
    facts = Facts(build_tree(root, files))
    return facts["role_attribute"], facts["admin_role"]


# ------------------------------------------------------------------------- what the code says


@pytest.mark.parametrize(
    ("line", "attribute", "sure", "admin"),
    [
        ("role: Mapped[Role] = mapped_column(Enum(Role))", "role", "high", "administrator"),
        ("role = mapped_column(Enum('clerk', 'root', name='r'))", "role", "high", "root"),
        ("role: Mapped[Level]", "role", "high", "ADMIN"),
        ("role: Mapped[int] = mapped_column(default=Level.GUEST)", "role", "high", "2"),
        ("role: Mapped[int] = mapped_column(Integer)", "", "low", ""),
        ("user_role: Mapped[str] = mapped_column(String(9))", "user_role", "medium", ""),
        ("is_staff: Mapped[bool] = mapped_column(Boolean)", "is_staff", "medium", ""),
        ("role: Mapped['Role'] = relationship()", "", "low", ""),
        ("role_id: Mapped[int] = mapped_column(ForeignKey('roles.id'))", "", "low", ""),
        ("parole: Mapped[str] = mapped_column(String(9))", "", "low", ""),
    ],
)
def test_a_role_is_a_column_of_the_user(
    tmp_path: Path, line: str, attribute: str, sure: str, admin: str
) -> None:
    role, most = found(tmp_path, f"    {line}\n")
    assert (role.value, role.confidence, most.value) == (attribute, sure, admin)
    if attribute:
        assert role.where == f"shop/models.py:{len(USER.splitlines()) + 1}"


def test_a_role_is_a_column_of_what_belongs_to_a_user(tmp_path: Path) -> None:
    role, most = found(tmp_path, "", MEMBER)
    assert role.value == "shop.models:Member.role"
    assert role.where == f"shop/models.py:{len((USER + MEMBER).splitlines())}"
    assert (most.value, most.others) == ("administrator", (("clerk", "shop/models.py:12"),))


HARBOUR = """

class Post(enum.Enum):
    DECKHAND = "deckhand"
    PILOT = "pilot"
    MATE = "mate"


class Rank(enum.IntEnum):
    GUEST = 0
    CREW = 1
    COOK = 2
"""
POST = "role: Mapped[Post] = mapped_column(Enum(Post), default=Post.DECKHAND)"
RANK = "role: Mapped[int] = mapped_column(default=Rank.GUEST)"
TEXT = "role: Mapped[str] = mapped_column(String(9), default='deckhand')"


@pytest.mark.parametrize(
    ("line", "guard", "admin"),
    [
        (POST, "", None),
        (
            POST,
            "def check(user):\n    return user.role == Post.PILOT",
            "pilot",
        ),
        (POST, "if user.role != Post.PILOT:\n    raise HTTPException(403)", "pilot"),
        (POST, "if user.role.value != 'pilot':\n    abort(403)", "pilot"),
        (POST, "if user.role not in (Post.PILOT,):\n    raise Forbidden", "pilot"),
        (POST, "router = Router(dependencies=[Depends(require_role(Post.PILOT))])", "pilot"),
        (POST, "router = Router(dependencies=[Depends(RoleChecker([Post.PILOT]))])", "pilot"),
        (POST, "@roles_required('pilot')\ndef view(): ...", "pilot"),
        (POST, "allow(Post.MATE, Post.PILOT)\nallow(Post.PILOT)", "pilot"),
        (POST, "allow(Post.DECKHAND)", None),
        (POST, "set_role(user, Post.PILOT)\nadd_role('pilot')", None),
        (
            POST,
            "if user.role == Post.PILOT:\n    raise HTTPException(403)\nallow(Post.MATE)",
            "mate",
        ),
        (RANK, "", "2"),
        (RANK, "if user.role < Rank.CREW:\n    raise HTTPException(403)", "1"),
        (TEXT, "if user.role != 'pilot':\n    raise HTTPException(403)", "pilot"),
        (TEXT, "PILOT = 'pilot'\nif user.role == 'deckhand':\n    pass", None),
        (TEXT, "allow('read')", ""),
        (TEXT, "if user.role in ('pilot', 'admin'):\n    pass", "admin"),
    ],
)
def test_who_may_do_most_is_who_the_code_asks_for_and_never_somebody_unknown(
    tmp_path: Path, line: str, guard: str, admin: str | None
) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/main.py": f"{LOGIN}\nfrom shop import guards\n",
        "shop/guards.py": f"from shop.models import Post, Rank\n{guard}\n",
        "shop/models.py": USER.replace("\n\nclass User(", f"{HARBOUR}\n\nclass User(")
        + f"    {line}\n",
    }
    facts = Facts(build_tree(tmp_path, files))
    assert facts["role_attribute"].value == "role"
    assert facts["admin_role"].value == admin


def test_the_highest_is_guessed_by_what_it_is_called(tmp_path: Path) -> None:
    line = "    role = mapped_column(Enum('clerk', 'master', 'guest', name='r'), default='clerk')\n"
    _, most = found(tmp_path, line)
    assert (most.value, most.confidence) == ("master", "low")


def test_a_role_is_a_row_that_users_have(tmp_path: Path) -> None:
    role, most = found(tmp_path, GRANTED)
    assert role.value == "shop.models:Grant.name"
    assert role.where == f"shop/models.py:{len(USER.splitlines()) + 2}"
    assert most.value == ""


def test_the_own_role_comes_first_and_the_others_are_told(tmp_path: Path) -> None:
    lines = "    role: Mapped[Role] = mapped_column(Enum(Role))\n    is_admin: Mapped[bool]\n"
    role, _ = found(tmp_path, lines, MEMBER)
    assert role.value == "role"
    assert [other for other, _ in role.others] == ["is_admin", "shop.models:Member.role"]


# ---------------------------------------------------------------------- what the harness makes


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The models of a shop, whose users have several roles, in a database."""
    lines = (
        "    role: Mapped[Role] = mapped_column(Enum(Role), default=Role.CLERK)\n"
        "    grade: Mapped[str] = mapped_column(Enum('low', 'high', name='grade'), default='low')\n"
        "    title: Mapped[str] = mapped_column(String(9), default='none')\n"
        "    level: Mapped[int] = mapped_column(default=Level.GUEST)\n"
        "    is_superuser: Mapped[bool] = mapped_column(Boolean, default=False)\n"
    )
    build_tree(tmp_path, {"shop_of_roles.py": USER + lines + GRANTED + MEMBER})
    monkeypatch.syspath_prepend(str(tmp_path))
    shop = __import__("shop_of_roles")
    yield shop
    # Mappers of all tests are configured together.
    shop.Base.registry.dispose()
    sys.modules.pop("shop_of_roles")


HARNESS_TOML = (
    harness_toml(project="shop", framework="fastapi", metadata="shop_of_roles:Base")
    + """[auth]
style = "http_basic"
user_model = "shop_of_roles:User"
role_attribute = "{attribute}"
[flows]
"""
)


@pytest.fixture
def in_role(shop: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Return a function that makes a user in a role, where harness.toml says that it is."""

    def make(attribute: str, role: str, **values: Any) -> Any:
        said = HARNESS_TOML.format(attribute=attribute)
        (tmp_path / "harness.toml").write_text(said, encoding="utf-8")
        with project_in(tmp_path):
            return user_in_role(role, values)

    engine = sa.create_engine("sqlite://")
    shop.Base.metadata.create_all(engine)
    with Session(engine) as session, bound_to(session):
        yield make
    engine.dispose()


def test_a_user_has_the_role_that_is_asked_for(shop: Any, in_role: Callable[..., Any]) -> None:
    assert in_role("role", "Administrator").role is shop.Role.BOSS
    assert in_role("role", "boss", email="b@example.com").role is shop.Role.BOSS
    assert in_role("grade", "high", email="g@example.com").grade == "high"
    assert in_role("title", "king", email="k@example.com").title == "king"
    assert in_role("level", "2", email="2@example.com").level == shop.Level.ADMIN
    assert in_role("level", shop.Level.ADMIN, email="a@example.com").level == shop.Level.ADMIN
    for number, role in enumerate(("superuser", "admin")):
        assert in_role("is_superuser", role, email=f"{number}@example.com").is_superuser


def test_a_row_that_belongs_to_the_user_has_it(shop: Any, in_role: Callable[..., Any]) -> None:
    user = in_role("shop_of_roles:Member.role", "boss")
    session = sa.inspect(user).session
    [member] = session.scalars(sa.select(shop.Member))
    assert (member.user_id, member.role) == (user.id, shop.Role.BOSS)


def test_a_row_that_several_users_have_is_made_once(shop: Any, in_role: Callable[..., Any]) -> None:
    first = in_role("shop_of_roles:Grant.name", "boss")
    second = in_role("shop_of_roles:Grant.name", "boss")
    [grant] = first.roles
    assert (grant.name, grant.users) == ("boss", [first, second])


@pytest.mark.parametrize(
    ("attribute", "role", "problem", "fix"),
    [
        ("", "admin", "does not say which attribute is the role", "Name it as [auth] role_attr"),
        ("rank", "admin", "User has no column 'rank'", "Correct [auth] role_attribute"),
        ("role", "king", "no role 'king' in User.role", "Use one of clerk, administrator, CLERK"),
        ("level", "admin", "User.level is a number, and 'admin' is none", "Use the number"),
        ("is_superuser", "king", "no role 'king' in User.is_superuser", "Use one of superuser"),
        ("shop_of_roles:Role.name", "admin", "Role has no column", "Correct [auth] role_attribute"),
    ],
)
def test_what_is_not_there_is_said(
    in_role: Callable[..., Any], attribute: str, role: str, problem: str, fix: str
) -> None:
    with pytest.raises(SettingsError) as said:
        in_role(attribute, role)
    assert problem in said.value.problem
    assert fix in said.value.fix
