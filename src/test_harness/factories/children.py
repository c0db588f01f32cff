"""Children that a factory makes along with their parent: `OrderFactory.create(lines=3)`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import RelationshipProperty
from sqlalchemy.orm.attributes import init_collection
from sqlalchemy.orm.collections import collection_adapter

Make = Callable[..., Any]

# Ways of loading a collection that never hold it in memory.
ON_DEMAND = {"dynamic", "write_only"}


def with_nested(model: Any, declared: Mapping[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Return what a factory was given, with `lines=2, lines__quantity=5` as two sets of values.

    Args:
        model: The mapped class of the parent.
        declared: What its factory declares, which may say how many children there are.
        given: What the call says.
    """
    nested = [key for key in given if "__" in key and key.split("__")[0] in _relationships(model)]
    if not nested:
        return given
    found = {key: value for key, value in given.items() if key not in nested}
    for path in nested:
        key, _, attribute = path.partition("__")
        children = found.get(key, declared.get(key))
        if not _asks_for_children(children):
            found[path] = given[path]
            continue
        found[key] = [{**values, attribute: given[path]} for values in _each(children)]
    return found


def take_children(model: Any, values: dict[str, Any]) -> dict[str, Any]:
    """Take the children that are asked for out of the values of their parent.

    Args:
        model: The mapped class of the parent.
        values: Its values; a number of children, or a list of values for each, is taken out.
    """
    wanted = [
        key for key in _relationships(model) if key in values and _asks_for_children(values[key])
    ]
    return {key: values.pop(key) for key in wanted}


def prepare(parent: Any, children: Mapping[str, Any]) -> None:
    """Have a new parent know that it has no children yet, so that nobody asks the database."""
    for key in children:
        relationship = _relationships(parent.__class__)[key]
        if not relationship.uselist:
            setattr(parent, key, None)
        elif relationship.lazy not in ON_DEMAND:
            init_collection(parent, key)


def add_children(parent: Any, children: Mapping[str, Any], maker: Callable[[type], Make]) -> None:
    """Make children of a parent.

    Args:
        parent: The row, which was prepared for them before it was written.
        children: How many there shall be, or the values of each, by relationship.
        maker: Returns what makes rows of a mapped class.
    """
    for key, wanted in children.items():
        relationship = _relationships(parent.__class__)[key]
        make = maker(relationship.mapper.class_)
        back = _way_back(relationship)
        # A foreign key without a way back is filled in when both are written.
        unknown = dict.fromkeys([] if back else _foreign_keys(relationship))
        for values in _each(wanted):
            if not isinstance(values, Mapping):
                _attach(parent, relationship, values)
            elif back:
                make(**{back: parent, **values})
            else:
                _attach(parent, relationship, make(**{**unknown, **values}))


@cache
def _relationships(model: Any) -> dict[str, RelationshipProperty[Any]]:
    return {
        relationship.key: relationship
        for relationship in inspect(model).relationships
        if relationship.direction.name != "MANYTOONE" and not relationship.viewonly
    }


def _asks_for_children(value: Any) -> bool:
    if isinstance(value, int):
        return not isinstance(value, bool)
    return isinstance(value, (list, tuple)) and any(isinstance(each, Mapping) for each in value)


def _each(wanted: Any) -> Sequence[Any]:
    return [{}] * wanted if isinstance(wanted, int) else wanted


def _way_back(relationship: RelationshipProperty[Any]) -> str | None:
    """Return the child's relationship to one parent, None when there is none."""
    key = relationship.back_populates
    if key is None or relationship.direction.name != "ONETOMANY":
        return None
    return None if relationship.mapper.relationships[key].viewonly else str(key)


def _foreign_keys(relationship: RelationshipProperty[Any]) -> list[str]:
    if relationship.secondary is not None:
        return []
    child = relationship.mapper
    return [child.get_property_by_column(column).key for column in relationship.remote_side]


def _attach(parent: Any, relationship: RelationshipProperty[Any], child: Any) -> None:
    if not relationship.uselist:
        setattr(parent, relationship.key, child)
        return
    collection = getattr(parent, relationship.key)
    if relationship.lazy in ON_DEMAND:
        collection.add(child)
    else:
        collection_adapter(collection).append_with_event(child)
