"""Foreign keys between mapped classes: which rows belong to which."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Table, inspect
from sqlalchemy.orm import Mapper
from sqlalchemy.orm.exc import UnmappedColumnError

Model = type[Any]


@dataclass(frozen=True)
class Link:
    """A foreign key of a mapped class, of one column or several.

    Args:
        model: The class that has it.
        keys: Its attributes, in their order.
        target: The class that it leads to.
        referred: The attributes of that.
        required: Whether a row is refused without it.
    """

    model: Model
    keys: tuple[str, ...]
    target: Model
    referred: tuple[str, ...]
    required: bool

    def __str__(self) -> str:
        return f"{self.model.__name__}.{'+'.join(self.keys)} -> {self.target.__name__}"


Path = tuple[Link, ...]


def links_between(classes: Iterable[Model]) -> dict[Model, list[Link]]:
    """Return the foreign keys of each class that lead to one of them, in the order of its table.

    Args:
        classes: Mapped classes.
    """
    by_table: dict[Any, Model] = {}
    known = [*classes]
    # A base before what inherits from it: a key that leads to a table may lead to each of them.
    for model in sorted(known, key=lambda it: len([*inspect(it).iterate_to_root()])):
        by_table.setdefault(inspect(model).local_table, model)
        for mapper in inspect(model).iterate_to_root():
            # Where a base has no rows of its own, a row of another class stands for it.
            by_table.setdefault(mapper.local_table, model)
    return {model: [*_links(model, by_table)] for model in known}


def way(
    start: Model,
    ends: set[Model],
    links: Mapping[Model, list[Link]],
    cost: Callable[[Link, bool], float | None],
    without: Iterable[Model] = (),
) -> Path:
    """Return the cheapest way along foreign keys; empty if there is none.

    Args:
        start: Where it begins.
        ends: Where it may end; one that begins there is to lead to another of them.
        links: The foreign keys of each class.
        cost: How far it is along a key, and whether that is the last; None for one not to be taken.
        without: What it must not pass through.
    """
    order = count()
    waiting: list[tuple[float, int, Model, Path]] = [(0.0, next(order), start, ())]
    passed: set[Model] = {*without} - ends
    while waiting:
        so_far, _, model, path = heapq.heappop(waiting)
        if path and model in ends:
            return path
        if model in passed:
            continue
        passed.add(model)
        for link in links[model]:
            further = cost(link, link.target in ends)
            if further is not None and link.target is not start:
                heapq.heappush(waiting, (so_far + further, next(order), link.target, (*path, link)))
    return ()


def _links(model: Model, by_table: dict[Any, Model]) -> Iterator[Link]:
    mapper: Mapper[Any] = inspect(model)
    for table in mapper.tables:
        constraints = table.foreign_key_constraints if isinstance(table, Table) else ()
        for one in sorted(constraints, key=_position):
            target = by_table.get(one.referred_table)
            if target is not None and not _joins_its_base(mapper, one):
                try:
                    yield _link(model, one, target)
                except UnmappedColumnError:
                    continue  # The class does not have the column.


def _position(one: ForeignKeyConstraint) -> int:
    columns = [*one.parent.columns]
    return min(columns.index(element.parent) for element in one.elements)


def _link(model: Model, one: ForeignKeyConstraint, target: Model) -> Link:
    mapper, beyond = inspect(model), inspect(target)
    pairs = [(element.parent, element.column) for element in one.elements]
    return Link(
        model,
        tuple(mapper.get_property_by_column(ours).key for ours, _ in pairs),
        target,
        tuple(beyond.get_property_by_column(theirs).key for _, theirs in pairs),
        not any(ours.nullable for ours, _ in pairs),
    )


def _joins_its_base(mapper: Mapper[Any], one: ForeignKeyConstraint) -> bool:
    """Tell whether a key only says which row of the base's table a row goes on from."""
    inherited = mapper.inherits.tables if mapper.inherits and not mapper.concrete else ()
    is_key = all(element.parent.primary_key for element in one.elements)
    return is_key and one.referred_table in inherited
