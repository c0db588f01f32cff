"""Rows of one side: one of each class that is needed, whose parents are of the same side."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from test_harness.auth.roles import RolePlace, share_role, value_of
from test_harness.errors import HarnessError, first_line
from test_harness.factories.base import ModelFactory, bound_session, factory_for
from test_harness.factories.mapped import factory_name, once_for_a_class
from test_harness.factories.reading import read
from test_harness.walk.apart import set_apart
from test_harness.walk.links import Link, Model
from test_harness.walk.memberships import Membership
from test_harness.walk.ownership import Ownership

Made = dict[Model, Any]
"""A row of each class, as objects of the session."""


class NotMadeError(Exception):
    """A class of which no row can be made.

    Args:
        model: The class.
        reason: What the database, or the application, says of it.
    """

    def __init__(self, model: Model, reason: str) -> None:
        super().__init__(reason)
        self.model = model

    def said(self) -> HarnessError:
        """Return what to say where nothing can be done without one."""
        name = factory_name(self.model)
        return HarnessError(
            f"No row of {self.model.__name__} can be made to ask the routes with: {self}.",
            f"Mend {name} in the factories of the tests, or write it.",
        )


def in_order(wanted: Iterable[Model], ownership: Ownership) -> list[Model]:
    """Return classes with all that their rows belong to, parents before children.

    Args:
        wanted: Those that are asked for.
        ownership: Whose rows are.
    """
    found: dict[Model, None] = {}
    waiting: set[Model] = set()

    def add(model: Model) -> None:
        if model in waiting:
            return
        waiting.add(model)
        for link in sorted(_parents(model, ownership), key=lambda it: not it.required):
            add(link.target)
        found[model] = None

    members = (one.model for one in ownership.memberships.values())
    for model in (*ownership.tenants, ownership.users, *members, *wanted):
        if model is not None:
            add(model)
    return [*found]


@dataclass(eq=False)
class Side:
    """Rows that belong together.

    Args:
        order: The classes of which it has a row, parents first.
        role: What its user is in its tenant; empty for whatever the factory says.
        beside: The side that it shares everything else with, for a further user of its tenant.
        made: Its rows.
    """

    order: list[Model]
    role: str = ""
    beside: Side | None = None
    made: Made = field(default_factory=dict)

    @property
    def around(self) -> Mapping[Model, Any]:
        """Its rows, and those of the side that it is beside."""
        return self.made if self.beside is None else ChainMap(self.made, self.beside.made)


class Maker:
    """Makes the rows of sides.

    Args:
        ownership: Whose rows are.
        roles: Where it is said which role a user has; None where that is not known.
        apart: Whether no row has the number of one of another table.
    """

    def __init__(
        self, ownership: Ownership, roles: RolePlace | None, *, apart: bool = False
    ) -> None:
        self._ownership, self._roles, self._apart = ownership, roles, apart

    def beside(self, side: Side, role: str = "") -> Side:
        """Return what a further user of the tenant of a side needs, to be made with it.

        Args:
            side: The side.
            role: What the user is to be.
        """
        members = (one.model for one in self._ownership.memberships.values())
        wanted = [self._ownership.users, *(it for it in members if it in side.order)]
        if role and self._roles is not None and self._roles.shared is None:
            wanted.append(self._roles.holder)
        return Side([it for it in dict.fromkeys(wanted) if it is not None], role, side)

    def make(self, sides: Sequence[Side]) -> None:
        """Make the rows of sides, those of one class together.

        Args:
            sides: Those that others are beside come first.

        Raises:
            NotMadeError: One cannot be made.
        """
        for model in dict.fromkeys(model for side in sides for model in side.order):
            for side in sides:
                if model in side.order:
                    side.made[model] = self.row(model, side.around, self._saying(model, side.role))
        for side in sides:
            for model, row in side.made.items():
                self._close_circles(model, row, side.around)
            for membership in self._ownership.memberships.values():
                if membership.model is None:
                    self._join(membership, side.around)
            if side.role and self._roles is not None and self._roles.shared is not None:
                given = self._saying(self._roles.holder, side.role)
                share_role(side.around[self._roles.users], self._roles, given)

    def row(self, model: Model, made: Mapping[Model, Any], values: Mapping[str, Any]) -> Any:
        """Make a row whose parents are those of a side.

        Args:
            model: Its class.
            made: The rows of the side.
            values: What the row is to have besides.

        Raises:
            NotMadeError: The database, or the application, refuses it.
        """
        given: dict[str, Any] = {}
        for link in _parents(model, self._ownership):
            if link.target in made:
                given.update(given_for(link, made[link.target]))
        try:
            made = factory_of(model).create(**{**given, **values})
        except HarnessError as error:
            raise NotMadeError(model, error.problem) from error
        except Exception as error:
            raise NotMadeError(model, f"{type(error).__name__}: {first_line(error)}") from error
        if self._apart:
            set_apart(made)
        return made

    def _saying(self, model: Model, role: str) -> dict[str, Any]:
        """Return the values of a row that say the role, if those of its class do."""
        if self._roles is None or not role or model is not self._roles.holder:
            return {}
        return {self._roles.attribute: value_of(model, self._roles.attribute, role)}

    def _close_circles(self, model: Model, row: Any, made: Mapping[Model, Any]) -> None:
        """Fill in the parents that were made after the row."""
        for link in _parents(model, self._ownership):
            parent = made.get(link.target)
            if parent is not None and not link.required and getattr(row, link.keys[0]) is None:
                for key, value in given_for(link, parent).items():
                    setattr(row, key, value)

    def _join(self, membership: Membership, made: Mapping[Model, Any]) -> None:
        """Make the user of a side a member, where no class is mapped to that."""
        users = self._ownership.users
        assert users is not None
        session: Session = bound_session()
        session.flush()
        ends = ((membership.user, made[users]), (membership.group, made[membership.tenant]))
        values = {name: getattr(row, key) for pairs, row in ends for name, key in pairs}
        session.execute(insert(membership.table).values(values))


@once_for_a_class
def factory_of(model: Model) -> type[ModelFactory]:
    # Which ones are written is looked up in files.
    return factory_for(model)


def _parents(model: Model, ownership: Ownership) -> list[Link]:
    """Return the keys that are filled in: those that have to be, and those that say whose it is."""
    return [
        link
        for link in ownership.links[model]
        if link.target is not model and (link.required or ownership.decides(link))
    ]


def given_for(link: Link, parent: Any) -> dict[str, Any]:
    """Return what a factory is given for a parent: its relationship where there is one."""
    reading = read(link.model)
    for name, relationship in reading.parents.items():
        if {*reading.local_keys(relationship)} == {*link.keys}:
            return {name: parent}
    return {key: getattr(parent, it) for key, it in zip(link.keys, link.referred, strict=True)}
