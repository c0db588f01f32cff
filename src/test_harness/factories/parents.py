"""The parents a row cannot be without, and which of them lead to one and the same object."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import types as t
from sqlalchemy.orm import RelationshipProperty

from test_harness.factories.choosing import Option
from test_harness.factories.declaring import Declaration, Plan
from test_harness.factories.mapped import (
    concrete,
    factory_name,
    mapped_classes,
    once_for_a_class,
    words,
)
from test_harness.factories.reading import Reading, read


def parents_of(
    reading: Reading, plan: Plan, chosen: dict[str, Option], needed: set[str]
) -> list[RelationshipProperty[Any]]:
    found: list[RelationshipProperty[Any]] = []
    for relationship in reading.parents.values():
        keys = reading.local_keys(relationship)
        if not any(key in needed or chosen[key].given for key in keys):
            continue
        # A wider key may have been set by its parts: all of it has to be wanted then.
        if len(keys) > 1 and not all(key in needed or chosen[key].given for key in keys):
            continue
        target = concrete(relationship.mapper.class_)
        if relationship.mapper.class_ in _ancestors(reading.model):
            _declare_itself(plan, reading, relationship, keys)
        elif reading.model in required_by(target):
            plan.miss(
                keys[0],
                f"needs a row of {target.__name__}, which needs one of {reading.model.__name__}",
                f"{keys[0]} = ..., and give one of the two tables a key that may be empty",
            )
        else:
            found.append(relationship)
    return found


def _ancestors(model: type[Any]) -> set[type[Any]]:
    return {mapper.class_ for mapper in model.__mapper__.iterate_to_root()}


@once_for_a_class
def required_by(model: type[Any]) -> frozenset[type[Any]]:
    """Return every class a row of which is needed for a row of `model`."""
    found: set[type[Any]] = set()
    waiting = [model]
    while waiting:
        reading = read(waiting.pop())
        for relationship in reading.parents.values():
            keys = reading.local_keys(relationship)
            target = concrete(relationship.mapper.class_)
            if all(reading.fields[key].required for key in keys) and target not in found:
                found.add(target)
                waiting.append(target)
        for key, column in reading.keys.items():
            beyond = _mapped_to(column) if reading.fields[key].required else None
            if beyond is not None and beyond not in found:
                found.add(beyond)
                waiting.append(beyond)
    return frozenset(found)


def declare_parent(plan: Plan, relationship: RelationshipProperty[Any]) -> None:
    target = concrete(relationship.mapper.class_)
    name = factory_name(target)
    plan.parents[relationship.key] = target
    plan.declarations[relationship.key] = Declaration(
        relationship.key, f"SubFactory({name})", factories={name: target}
    )


def declare_key(plan: Plan, reading: Reading, key: str) -> None:
    """Declare a foreign key that has no relationship: a parent beside the model, and its key."""
    if key in plan.declarations:
        return  # the rest of a key of several columns
    column = reading.keys[key]
    target = _mapped_to(column)
    if target is None:
        plan.miss(key, f"refers to {column}, which no class is mapped to")
    elif target in _ancestors(reading.model):
        plan.miss(key, "refers to a row of its own class, and the first row has none to refer to")
    elif reading.model in required_by(target):
        name = reading.model.__name__
        plan.miss(key, f"needs a row of {target.__name__}, which needs one of {name}")
    else:
        local = reading.fields[key].column
        pairs = next(
            [(one.parent, one.column) for one in foreign.constraint.elements]
            for foreign in local.foreign_keys
            if foreign.column is column and foreign.constraint is not None
        )
        name = factory_name(target)
        parent = words(target.__name__).replace(" ", "_")
        if len(pairs) == 1:
            parent = key.removesuffix("_id") if key.endswith("_id") else f"{key}_of"
        plan.declarations[parent] = Declaration(
            parent, f"SubFactory({name})", factories={name: target}, is_parameter=True
        )
        plan.parents[parent] = target
        keys = {one.column: name for name, one in reading.fields.items()}
        for ours, theirs in pairs:
            attribute = target.__mapper__.get_property_by_column(theirs).key
            text = f'SelfAttribute("{parent}.{attribute}")'
            plan.declarations[keys[ours]] = Declaration(keys[ours], text)


def _mapped_to(column: Any) -> type[Any] | None:
    candidates = [
        model for model in mapped_classes() if model.__mapper__.local_table is column.table
    ]
    return candidates[0] if candidates else None


def _declare_itself(
    plan: Plan, reading: Reading, relationship: RelationshipProperty[Any], keys: list[str]
) -> None:
    """Declare that a row is its own parent, where nobody else can be its first one."""
    [(_, remote), *others] = relationship.local_remote_pairs
    primary = reading.mapper.get_property_by_column(remote).key
    one = reading.fields.get(primary)
    made = (
        "LazyFunction(uuid4)" if isinstance(remote.type, t.Uuid) else "Sequence(lambda n: 1000 + n)"
    )
    if others or not isinstance(remote.type, (t.Uuid, t.Integer)):
        plan.miss(
            keys[0], "refers to a row of its own class, and the first row has none to refer to"
        )
        return
    if one is None or not one.required:
        plan.declarations[primary] = Declaration(primary, made)
    plan.declarations[keys[0]] = Declaration(keys[0], f'SelfAttribute("{primary}")')


def share(plan: Plan, plan_of: Callable[[type[Any]], Plan]) -> None:
    """Have one object wherever several parents lead to the same class, such as a tenant."""
    paths = list(_paths(plan, plan_of))
    for target in {path_target for _, path_target in paths}:
        found = [path for path, path_target in paths if path_target is target]
        shortest = min(found, key=len)
        if sum(len(path) == len(shortest) == 1 for path in found) > 1:
            continue
        for path in found:
            if path != shortest and len(path) > 1 and not _is_under(path, plan.shared):
                plan.shared.append((path, shortest))
    for path, source in plan.shared:
        head = plan.declarations[path[0]]
        step = f'{"__".join(path[1:])}=SelfAttribute("{"." * len(path)}{".".join(source)}")'
        text = f"{head.text[:-1]}, {step})"
        plan.declarations[path[0]] = Declaration(
            head.name, text, head.names, head.factories, head.is_parameter
        )


def _paths(
    plan: Plan, plan_of: Callable[[type[Any]], Plan], depth: int = 3
) -> Iterator[tuple[tuple[str, ...], type[Any]]]:
    for name, target in plan.parents.items():
        yield (name,), target
        if depth > 1:
            beyond = plan_of(target)
            taken = {path[0] for path, _ in beyond.shared}
            for path, further in _paths(beyond, plan_of, depth - 1):
                one_to_one = any(
                    group <= {*_keys_of(target, path[0])} for group in read(target).groups
                )
                if path[0] not in taken and not one_to_one:
                    yield (name, *path), further


def _keys_of(model: type[Any], name: str) -> list[str]:
    reading = read(model)
    parent = reading.parents.get(name)
    return reading.local_keys(parent) if parent is not None else []


def _is_under(path: tuple[str, ...], shared: list[tuple[tuple[str, ...], tuple[str, ...]]]) -> bool:
    return any(path[: len(other)] == other for other, _ in shared)
