"""Further rows like ours: they belong to whom ours does, and all else is their own."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Table, insert, inspect, select
from sqlalchemy.orm import Session

from test_harness.factories.base import bound_session
from test_harness.walk.links import Link, Model
from test_harness.walk.memberships import Membership
from test_harness.walk.preparing import set_rows
from test_harness.walk.recipe import Recipe
from test_harness.walk.sides import factory_of, given_for
from test_harness.walk.stored import rows_of
from test_harness.walk.visit import Row
from test_harness.walk.world import World

# Parents of parents of parents are ours.
DEEPEST = 2
# So many classes of children at most: each has a row for each new one.
MOST_CHILDREN = 6
# Who did that to a row: it would be in no list any more.
_GONE = re.compile(r"delet|archiv|cancel|clos|revok|remov|block|bann|reject|expir")


def further(
    world: World,
    model: Model,
    count: int,
    *,
    apart: bool = False,
    children: bool = False,
    moments: bool = True,
    below: Iterable[str] = (),
    rows: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[Row]:
    """Make further rows of a class in the session of the tests, and return them.

    Moments that were the same, because all was written at once, lie apart by a second afterwards.

    Args:
        world: Has ours.
        model: The class.
        count: How many.
        apart: Whether every second one belongs to another user, in the same tenant.
        children: Whether each has a row of each class that belongs to it.
        moments: Whether moments are set apart, which changes rows that were there before as well.
        below: The tables whose row of ours the new ones are to belong to, such as those of a path.
        rows: What a recipe gives columns of our rows, which the new ones of a table have as well.

    Returns:
        The rows, or none where the application makes no more of them.
    """
    session = bound_session()
    for is_full in (True, False):
        making = _Making(world, session, is_full=is_full, below=frozenset(below))
        made: list[Any] = []
        # A model may want what nobody knows of.
        with suppress(Exception), session.begin_nested():
            found = [making.one(model, apart=apart and bool(n % 2)) for n in range(count)]
            session.flush()
            if given := (rows or {}).get(inspect(model).local_table.fullname):
                _give(world, model, found, given)
            if moments:
                spread(session, inspect(model).local_table)
            made = found
        if made:
            if children:
                making.children(model, made)
            return rows_of(session, [], made)[1]
    return []


def _give(world: World, model: Model, made: list[Any], given: Mapping[str, Any]) -> None:
    """Give new rows what ours is given before a request, such as the state it is shown in."""
    session, table = bound_session(), inspect(model).local_table.fullname
    for one, row in zip(made, rows_of(session, [], made)[1], strict=True):
        beside = replace(world, ours={**world.ours, table: row})
        set_rows(Recipe(rows={table: given}), beside)
        session.refresh(one)


def give_children(world: World, model: Model, row: Row, count: int) -> None:
    """Give a row so many rows of each class that belongs to it, where that can be.

    Args:
        world: Has ours.
        model: The class of the row.
        row: It.
        count: How many.
    """
    session = bound_session()
    found = session.get(model, tuple(row[it.name] for it in inspect(model).primary_key))
    if found is not None:
        making = _Making(world, session, is_full=False)
        for _ in range(count):
            making.children(model, [found])


class _Making:
    """Makes rows that belong where ours belong.

    Args:
        world: Has ours.
        session: Writes them.
        is_full: Whether they have what they need not have as well.
        below: The tables whose row of ours they belong to.
    """

    def __init__(
        self, world: World, session: Session, *, is_full: bool, below: Collection[str] = ()
    ) -> None:
        self._world, self._session, self._is_full = world, session, is_full
        self._ownership, self._below = world.ownership, below
        self._ours: dict[Model, Any] = {}

    def one(self, model: Model, *, apart: bool = False) -> Any:
        """Make a row, with what makes it one of the owner's, or of the tenant's."""
        users, memberships = self._ownership.users, self._ownership.memberships
        ways = [one for one in memberships.values() if one.model is model]
        anew = {users} if apart or ways else set()
        made = self._row(model, anew)
        for tenant, membership in memberships.items():
            if model is users:
                self._join(membership, made, self._our(tenant))
            elif model is tenant and users is not None:
                self._join(membership, self._our(users), made)
        return made

    def children(self, model: Model, rows: list[Any]) -> None:
        """Give each row a row of each class that belongs to it, where that can be."""
        members = {one.model for one in self._ownership.memberships.values()}
        leading = [
            (child, link)
            for child, links in self._ownership.links.items()
            for link in links
            if link.target is model and child is not model and child not in members
        ]
        for child, link in leading[:MOST_CHILDREN]:
            # Of some there is one for a row of another class, which has it already.
            with suppress(Exception), self._session.begin_nested():
                for row in rows:
                    self._row(child, set(), given_for(link, row), deep=DEEPEST)
                self._session.flush()

    def _row(
        self,
        model: Model,
        anew: set[Model | None],
        given: Mapping[str, Any] | None = None,
        deep: int = 0,
    ) -> Any:
        values = {**(given or {})}
        for link in self._ownership.links[model]:
            parent = None if link.target is model else self._parent(link, anew, deep)
            if parent is not None:
                values = {**given_for(link, parent), **values}
        return factory_of(model).create(**values)

    def _parent(self, link: Link, anew: set[Model | None], deep: int) -> Any:
        is_kept = self._ownership.decides(link) and link.target not in anew
        is_kept = is_kept or inspect(link.target).local_table.fullname in self._below
        if is_kept or (link.required and deep >= DEEPEST):
            return self._our(link.target)
        is_meant = self._is_full and not deep and not _GONE.search("_".join(link.keys).lower())
        return self._row(link.target, set(), deep=deep + 1) if link.required or is_meant else None

    def _our(self, model: Model) -> Any:
        if model not in self._ours:
            mapper = inspect(model)
            row = self._world.ours.get(mapper.local_table.fullname)
            key = row and tuple(row[column.name] for column in mapper.primary_key)
            self._ours[model] = key and self._session.get(model, key)
        return self._ours[model]

    def _join(self, membership: Membership, user: Any, tenant: Any) -> None:
        """Make a user a member of a tenant, as the owner is one of ours."""
        ends = ((membership.user, user), (membership.group, tenant))
        self._session.flush()
        values = {name: getattr(row, key) for pairs, row in ends for name, key in pairs}
        if membership.model is None:
            self._session.execute(insert(membership.table).values(values))
            return
        ours = self._our(membership.model)
        like_ours = {} if ours is None else dict(_rights(membership, ours))
        factory_of(membership.model).create(**{**like_ours, **values})


def _rights(membership: Membership, ours: Any) -> Iterator[tuple[str, Any]]:
    for name, column in inspect(type(ours)).columns.items():
        if re.search(r"(^|_)(role|status|state)$|^is_", name) and not column.foreign_keys:
            yield name, getattr(ours, name)


def spread(session: Session, table: Table) -> None:
    """Have the moments of all rows lie apart: of those that are the same none comes first.

    Args:
        session: Has written them.
        table: Theirs.
    """
    keys = [*table.primary_key.columns]
    moments = [it for it in table.columns if _is_moment(it) and not it.primary_key]
    if not moments or not keys:
        return
    rows = session.execute(select(*keys, *moments)).all()
    for index, row in enumerate(rows):
        values = {
            column: value - timedelta(seconds=index)
            for column, value in zip(moments, row[len(keys) :], strict=True)
            if isinstance(value, datetime)
        }
        changing = table.update().values(values)
        for column, value in zip(keys, row, strict=False):
            changing = changing.where(column == value)
        if values and index:
            session.execute(changing)


def _is_moment(column: Any) -> bool:
    try:
        return issubclass(column.type.python_type, date) and not column.foreign_keys
    except NotImplementedError:
        return False
