"""The world that requests are sent in: rows of two sides, and those who ask.

On each side is one row of each class: on ours what the owner has, on theirs what a stranger has. A
row belongs to the user, and to the tenant, of its side. All are plain values, for what is undone
takes the objects of the session along.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from sqlalchemy import literal, select

from test_harness.application.clients import ANONYMOUS, Credential
from test_harness.application.loading import import_object
from test_harness.errors import HarnessError, LoginError, first_line
from test_harness.factories.base import bound_session
from test_harness.factories.mapped import is_view, mapped_classes
from test_harness.factories.writing import written_together
from test_harness.settings import settings
from test_harness.walk.links import Model
from test_harness.walk.ownership import Ownership, ownership_of
from test_harness.walk.people import Person, Roles, Wanted, people, roles_of_application
from test_harness.walk.sides import Maker, NotMadeError, Side, in_order
from test_harness.walk.steps import LoggingIn, Steps
from test_harness.walk.stored import Rows, rows_of
from test_harness.walk.visit import Row


@dataclass(frozen=True)
class Principal:
    """Somebody who asks.

    Args:
        name: Such as `owner`.
        credential: What is shown.
        user: The row of the user; None for nobody.
    """

    name: str
    credential: Credential = ANONYMOUS
    user: Row | None = None


@dataclass(frozen=True)
class World:
    """What requests are sent in.

    Args:
        ours: A row of each table, by its name: the owner's, and of the owner's tenant.
        theirs: The same of a stranger.
        principals: Who asks, by name.
        roles: The roles of the application, from those who may do most on.
        ownership: Whose rows are, as the models say.
        missing: Why there is no row of a class, by the class.
        absent: Why somebody does not ask, by the name of the principal.
        private: Whether rows of a table are shown to nobody else, as far as that was asked.
    """

    ours: Mapping[str, Row]
    theirs: Mapping[str, Row]
    principals: Mapping[str, Principal]
    roles: tuple[str, ...] = ()
    ownership: Ownership = field(default_factory=lambda: Ownership(None))
    missing: Mapping[Model, str] = field(default_factory=dict)
    absent: Mapping[str, HarnessError] = field(default_factory=dict)
    private: dict[str, bool | None] = field(default_factory=dict, compare=False)

    @cached_property
    def places(self) -> Mapping[str, frozenset[tuple[str, str]]]:
        """Where each value stands, as text: the names of the side, and of the table."""
        found: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for side, rows in (("ours", self.ours), ("theirs", self.theirs)):
            for table, row in rows.items():
                for value in row.values():
                    found[str(value)].add((side, table))
        return {value: frozenset(places) for value, places in found.items()}

    def error_of(self, absent: str) -> HarnessError:
        """Return what to raise where somebody is to ask who does not.

        Args:
            absent: The name of the principal.
        """
        # One that is raised twice would have the traceback of both.
        return HarnessError(self.absent[absent].problem, self.absent[absent].fix)


# Classes of which no row can be made, which is found out once.
_missing: dict[Model, str] = {}
# Why there is nobody but who is not logged in, by the class that all others need.
_nobody: dict[Model, HarnessError] = {}
# Whether rows were refused when they were written together.
_one_by_one: list[bool] = []


def build_world(
    classes: Iterable[type] | None = None,
    principals: Collection[str] | None = None,
    *,
    apart: bool = False,
) -> Steps[World]:
    """Make the rows of both sides, and those who ask.

    Args:
        classes: Those of which rows are needed; all mapped classes if it is None.
        principals: The names of those who are needed, beside the owner, the stranger and nobody;
            all that there are if it is None.
        apart: Whether no row has the number of one of another table.

    Who cannot be made, or is not logged in, does not ask: `absent` has why.
    """
    ownership, roles = known_ownership(), roles_of_application()
    wanted = [*(ownership.links if classes is None else classes)]

    def is_wanted(name: str) -> bool:
        return principals is None or name in principals

    def make() -> tuple[list[Rows], list[tuple[Person, Any, Row]]]:
        return _make(wanted, ownership, roles, is_wanted, apart=apart)

    (ours, theirs), found = yield make
    known = {"anonymous": Principal("anonymous")}
    credentials: dict[int, Credential | HarnessError] = {}
    absent: dict[str, HarnessError] = {}
    for error in [*_nobody.values()][:1]:
        absent, ownership = {"owner": error, "stranger": error}, _without_users(ownership)
    for person, user, row in found:
        if id(user) not in credentials:
            credentials[id(user)] = yield from _logged_in(user)
        credential = credentials[id(user)]
        if isinstance(credential, HarnessError):
            absent[person.name] = credential
        else:
            known[person.name] = Principal(person.name, credential, row)
    ends = [(person.ends, user) for person, user, _ in found if person.ends is not None]
    if ends:
        yield lambda: [end(user, ownership) for end, user in ends]
    return World(ours, theirs, known, roles.names, ownership, dict(_missing), absent)


def _logged_in(user: Any) -> Steps[Credential | HarnessError]:
    """Return what a user shows, or why there is nothing to show."""
    try:
        credential: Credential = yield LoggingIn(user)
    except HarnessError as error:
        return error
    except Exception as error:  # noqa: BLE001 - of the application, which may raise anything
        return LoginError(
            f"The login of the application raised {type(error).__name__}: {first_line(error)}.",
            "Mend it, or correct what [auth] in harness.toml says of it.",
        )
    return credential


def _without_users(ownership: Ownership) -> Ownership:
    return Ownership(None, links=ownership.links)


@cache
def known_ownership() -> Ownership:
    """Return whose rows are, of the application."""
    auth = settings().auth
    place = auth.role_attribute.rpartition(".")[0]
    has_users = auth.style != "none" and auth.user_model
    return ownership_of(
        [model for model in mapped_classes() if not is_view(model)],
        import_object(auth.user_model) if has_users else None,
        import_object(place) if place else None,
    )


def _make(
    wanted: list[Model], ownership: Ownership, roles: Roles, is_wanted: Wanted, *, apart: bool
) -> tuple[list[Rows], list[tuple[Person, Any, Row]]]:
    """Make everything, and return the rows of both sides and of those who ask."""
    session = bound_session()
    ownership = _without_users(ownership) if _nobody else ownership
    order = [model for model in in_order(wanted, ownership) if model not in _missing]
    maker, role = Maker(ownership, roles.place, apart=apart), roles.of_owner(ownership)
    sides = (Side(order, role), Side(order, role))
    asking = people(maker, ownership, roles, sides, is_wanted)
    beside = {id(person.side): person.side for person in asking if person.side not in sides}
    try:
        with session.begin_nested(), nullcontext() if _one_by_one else written_together(session):
            maker.make([*sides, *beside.values()])
    except NotMadeError as error:
        session.scalar(select(literal(1)))  # Without a connection nothing can be made.
        if error.model in in_order([], ownership):
            _nobody[error.model] = error.said()
        _missing[error.model] = str(error)
        _one_by_one.clear()
        return _make(wanted, ownership, roles, is_wanted, apart=apart)
    except Exception:
        # Of rows that are written together nobody knows which is refused.
        if _one_by_one:
            raise
        _one_by_one.append(True)
        return _make(wanted, ownership, roles, is_wanted, apart=apart)
    users = [person.side.made[ownership.users] for person in asking if ownership.users]
    rows, of_users = rows_of(session, [side.made for side in sides], users)
    return rows, [*zip(asking, users, of_users, strict=True)]
