"""Whose a row is: read from the foreign keys of models of many shapes."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, declarative_base, mapped_column, relationship

from test_harness.walk.ownership import Ownership, ownership_of


def shape(text: str) -> dict[str, Any]:
    """Return mapped classes, each from a line such as `Task: team!Team author?User +title`.

    `!` stands before the class that a row needs one of, `?` before one that it may have, `+` before
    a column without a key; `~` behind the name says that the keys are unique together.
    """
    base: Any = declarative_base()
    found: dict[str, Any] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        head, _, rest = line.partition(":")
        name, keys = head.strip("~ "), []
        body: dict[str, Any] = {"__tablename__": name.lower(), "id": _column(sa.Integer, True)}
        for part in rest.split():
            key, sign, target = part.partition("!" if "!" in part else "?")
            if part.startswith("+"):
                body[part[1:]] = sa.Column(sa.String(20))
                continue
            keys.append(f"{key}_id")
            body[keys[-1]] = sa.Column(sa.ForeignKey(f"{target.lower()}.id"), nullable=sign == "?")
        if head.endswith("~"):
            body["__table_args__"] = (sa.UniqueConstraint(*keys),)
        found[name] = type(name, (base,), body)
    return found


def _column(kind: Any, is_key: bool) -> Any:
    return sa.Column(kind, primary_key=is_key)


def read(text: str, roles: str = "") -> dict[str, Any]:
    """Return what was read of a shape, in words."""
    classes = shape(text)
    return said(ownership_of(classes.values(), classes.get("User"), classes.get(roles)))


def said(ownership: Ownership) -> dict[str, Any]:
    def ways(paths: Any) -> dict[str, str]:
        return {
            model.__name__: " ".join("+".join(link.keys) for link in path)
            for model, path in paths.items()
        }

    return {
        "tenants": [model.__name__ for model in ownership.tenants],
        "by": {
            tenant.__name__: one.model.__name__ if one.model else one.table.name
            for tenant, one in ownership.memberships.items()
        },
        "owner": ways(ownership.owners),
        "tenant": ways(ownership.bound),
    }


NOTHING: dict[str, Any] = {"tenants": [], "by": {}, "owner": {}, "tenant": {}}


def test_without_users_nothing_belongs_to_anybody() -> None:
    assert read("Note: +text\nTag: note!Note") == NOTHING


def test_a_row_belongs_to_the_user_that_it_leads_to() -> None:
    assert read("User: +email\nNote: user!User\nTag: +name") == {
        **NOTHING,
        "owner": {"Note": "user_id"},
    }


def test_a_row_of_a_row_belongs_to_the_same_user() -> None:
    found = read("User: +email\nCustomer: user!User\nOrder: customer!Customer\nLine: order!Order")
    assert found["owner"] == {
        "Customer": "user_id",
        "Order": "customer_id user_id",
        "Line": "order_id customer_id user_id",
    }


@pytest.mark.parametrize(
    ("keys", "owner"),
    [
        ("assignee?User creator!User", "creator_id"),
        ("reviewer!User author!User", "author_id"),
        ("updated_by!User created_by!User", "created_by_id"),
        ("owner?User deleted_by?User", "owner_id"),
        ("recipient!User sender!User", "sender_id"),
        ("recipient!User", "recipient_id"),
        ("approved_by?User", ""),
    ],
)
def test_of_several_keys_to_users_one_says_whose_a_row_is(keys: str, owner: str) -> None:
    assert read(f"User: +email\nTask: {keys}")["owner"].get("Task", "") == owner


def test_the_owner_of_a_project_counts_before_who_a_task_was_given_to() -> None:
    found = read("User: +email\nProject: owner!User\nTask: assignee?User project!Project")
    assert found["owner"]["Task"] == "project_id owner_id"


@pytest.mark.parametrize("name", ["Organisation", "Clinic", "Zoo"])
def test_what_users_lead_to_is_a_tenant_whatever_it_is_called(name: str) -> None:
    found = read(f"{name}: +name\nUser: home!{name}\nNote: home!{name} author!User")
    assert found == {
        "tenants": [name],
        "by": {},
        "owner": {"Note": "author_id"},
        "tenant": {"User": "home_id", "Note": "home_id"},
    }


@pytest.mark.parametrize("name", ["Role", "Country", "Avatar", "UserStatus", "Address"])
def test_what_users_only_have_is_no_tenant(name: str) -> None:
    assert read(f"{name}: +name\nUser: its!{name}\nShop: its!{name}")["tenants"] == []


def test_a_row_without_a_key_of_its_own_is_of_the_tenant_of_its_user() -> None:
    found = read("Team: +name\nUser: team!Team\nNote: author!User")
    assert found["tenant"]["Note"] == "author_id team_id"


MEMBERS = """
    User: +email
    Team: +name
    Member~: user!User team!Team +role
    Project: team!Team owner!User
    Task: project!Project
"""


def test_a_membership_makes_a_tenant() -> None:
    assert read(MEMBERS) == {
        "tenants": ["Team"],
        "by": {"Team": "Member"},
        "owner": {"Member": "user_id", "Project": "owner_id", "Task": "project_id owner_id"},
        "tenant": {"Member": "team_id", "Project": "team_id", "Task": "project_id team_id"},
    }


def test_who_invited_a_member_is_not_the_member() -> None:
    classes = shape(
        "User: +e\nTeam: +n\nMember~: invited_by!User member!User team!Team\nA: team!Team"
    )
    [one] = ownership_of(classes.values(), classes["User"]).memberships.values()
    assert one.user == (("member_id", "id"),)
    assert one.group == (("team_id", "id"),)


def test_a_class_that_holds_the_role_is_a_membership_whatever_it_is_called() -> None:
    text = "User: +email\nTeam: +name\nThing: user!User team!Team +kind"
    assert read(text)["tenants"] == []
    assert read(text, roles="Thing")["by"] == {"Team": "Thing"}


def test_a_pair_with_a_right_is_a_membership_even_where_the_tenant_has_an_owner() -> None:
    found = read("User: +email\nTeam: owner!User\nTeamUser~: user!User team!Team +role")
    assert found["by"] == {"Team": "TeamUser"}


@pytest.mark.parametrize("name", ["Like", "PostVote", "Follow", "Bookmark", "Comment", "Share"])
def test_what_users_do_with_rows_makes_nobody_a_member(name: str) -> None:
    found = read(
        f"User: +e\nPost: author!User\n{name}~: user!User post!Post +level\nLine: post!Post"
    )
    assert found["tenants"] == []


def test_a_pair_that_leads_to_what_a_user_owns_makes_nobody_a_member() -> None:
    text = "User: +e\nPost: author!User\nPair~: user!User post!Post\nLine: post!Post"
    assert read(text)["tenants"] == []


def test_the_team_of_a_team_is_a_tenant_too() -> None:
    found = read("Firm: +name\nTeam: firm!Firm\nUser: team!Team\nBill: firm!Firm\nTask: team!Team")
    assert found["tenants"] == ["Team", "Firm"]
    assert found["tenant"] == {
        "Team": "firm_id", "User": "team_id", "Bill": "firm_id", "Task": "team_id",
    }  # fmt: skip


def test_users_may_be_tenants_themselves() -> None:
    found = read("User: parent?User\nInvoice: user!User\nLine: invoice!Invoice")
    assert found["tenants"] == []
    assert found["owner"] == {"Invoice": "user_id", "Line": "invoice_id user_id"}


def test_keys_that_lead_round_end() -> None:
    found = read("User: team?Team\nTeam: owner?User\nNode: parent!Node team!Team\nLeaf: node!Node")
    assert found["tenants"] == ["Team"]
    assert found["tenant"]["Leaf"] == "node_id team_id"


def test_what_is_a_users_own_is_no_tenant_though_one_of_them_is_the_first() -> None:
    text = "User: first?Wallets\nWallets: user!User\nEntry: wallet!Wallets"
    assert read(text)["tenants"] == []
    assert read(text)["owner"]["Entry"] == "wallet_id user_id"


class Base(DeclarativeBase):
    pass


joined = sa.Table(
    "team_users",
    Base.metadata,
    sa.Column("user_id", sa.ForeignKey("users.id"), primary_key=True),
    sa.Column("team_id", sa.ForeignKey("teams.id"), primary_key=True),
)
likes = sa.Table(
    "note_likes",
    Base.metadata,
    sa.Column("user_id", sa.ForeignKey("users.id"), primary_key=True),
    sa.Column("note_id", sa.ForeignKey("animals.id"), primary_key=True),
)


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    teams: Mapped[list[Team]] = relationship(secondary=joined)
    liked: Mapped[list[Animal]] = relationship(secondary=likes)


class Team(Base):
    __tablename__ = "teams"
    id: Mapped[int] = mapped_column(primary_key=True)


class Animal(Base):
    __tablename__ = "animals"
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "animal"}  # noqa: RUF012
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(10))
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("teams.id"))


class Dog(Animal):
    __tablename__ = "dogs"
    __mapper_args__ = {"polymorphic_identity": "dog"}  # noqa: RUF012
    id: Mapped[int] = mapped_column(sa.ForeignKey("animals.id"), primary_key=True)
    walker_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))


class Cat(Animal):
    __mapper_args__ = {"polymorphic_identity": "cat"}  # noqa: RUF012


class Page(Base):
    __tablename__ = "pages"
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("teams.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)


class Line(Base):
    __tablename__ = "lines"
    __table_args__ = (
        sa.ForeignKeyConstraint(["team_id", "page"], ["pages.team_id", "pages.number"]),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int]
    page: Mapped[int]


class Walk(Base):
    __tablename__ = "walks"
    id: Mapped[int] = mapped_column(primary_key=True)
    dog_id: Mapped[int] = mapped_column(sa.ForeignKey("dogs.id"))


CLASSES = (User, Team, Animal, Dog, Cat, Page, Line, Walk)


def test_a_table_without_a_class_makes_members_and_likes_do_not() -> None:
    found = ownership_of(CLASSES, User)
    assert found.tenants == (Team,)
    assert found.memberships[Team].table is joined
    assert found.memberships[Team].user == (("user_id", "id"),)
    assert found.memberships[Team].group == (("team_id", "id"),)


def test_what_goes_on_from_a_base_has_its_keys_and_its_own() -> None:
    found = said(ownership_of(CLASSES, User))
    assert found["owner"] == {"Dog": "walker_id", "Walk": "dog_id walker_id"}
    assert {name: found["tenant"][name] for name in ("Dog", "Cat", "Walk")} == {
        "Dog": "team_id", "Cat": "team_id", "Walk": "dog_id team_id",
    }  # fmt: skip


def test_a_key_of_several_columns_is_one_key() -> None:
    found = ownership_of(CLASSES, User)
    [link] = found.links[Line]
    assert (link.keys, link.target, link.referred) == (
        ("team_id", "page"),
        Page,
        ("team_id", "number"),
    )
    assert said(found)["tenant"]["Line"] == "team_id+page team_id"


@pytest.mark.parametrize(
    ("event", "can_be_left"), [("organisation!Organisation", False), ("+title", True)]
)
def test_who_leaves_an_event_of_their_own_organisation_has_lost_no_tenant(
    event: str, can_be_left: bool
) -> None:
    classes = shape(
        f"Organisation: +name\nUser: organisation!Organisation\nEvent: {event}\n"
        "Participation~: user!User event!Event +role"
    )
    ownership = ownership_of(classes.values(), classes["User"])
    assert ownership.memberships.keys() == {classes["Event"]}
    assert ownership.can_be_left is can_be_left
