"""What the rows of a world and the factories of the models know better than a schema says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column

from test_harness.factories.base import factory_for
from test_harness.factories.mapped import once_for_a_class
from test_harness.walk.fitting import MISSING, fits, kind_of, narrowed
from test_harness.walk.models import KEYS, Model, Models, fits_type, snake, target_of
from test_harness.walk.operation import Operation, Schema
from test_harness.walk.recipe import Symbol, plain
from test_harness.walk.values import NUMBER, Hint, moment_for


def spoken_of(operation: Operation, models: Models) -> Model | None:
    """Return the class that an operation is about: by its path, or by what it takes and answers.

    Args:
        operation: The operation.
        models: Those of the application.
    """
    parts = [part for part in operation.path.split("/") if part and not part.startswith("{")]
    for part in reversed(parts):
        if found := models.called(part):
            return found
    names = {snake(name) for name in properties_of(operation)}
    alike = {one: len(names & {snake(it) for it in one.attributes}) for one in models.all}
    best = max(alike, key=lambda one: alike[one], default=None)
    return best if best is not None and alike[best] >= 2 else None


def properties_of(operation: Operation) -> list[str]:
    """Return the names of what an operation takes in its payload, and of what it answers."""
    schemas = [operation.body or {}, *operation.answers.values()]
    found: list[str] = []
    for schema in schemas:
        flat = narrowed(schema)
        flat = narrowed(flat.get("items") or flat) if kind_of(flat) == "array" else flat
        found += flat.get("properties", {})
    return found


def hints_for(operation: Operation, world: Any, models: Models) -> Hint:
    """Return what knows values for the payload of an operation.

    Args:
        operation: Whose payload it is.
        world: Has the rows.
        models: Those of the application.
    """
    model = spoken_of(operation, models)
    creates = operation.method == "POST" and not operation.path.endswith("}")

    def hint(name: str, schema: Schema) -> Any:
        own = model.column(name) if model is not None else None
        is_own_key = name in KEYS or (own is not None and own.primary_key and not own.foreign_keys)
        if is_own_key and creates and own is not None:
            return MISSING
        for column in models.meant(name, spoken_of=model):
            if fits_type(column, schema) and is_there(column, world):
                return symbol_of(column)
        if own is None or model is None:
            return MISSING
        return built_value(model, own, schema)

    return hint


def symbol_of(column: Column[Any]) -> Symbol:
    """Return what stands for a column of our row in a recipe."""
    table: Any = column.table
    return Symbol("row", f"{table.fullname}.{column.name}")


def is_there(column: Column[Any], world: Any) -> bool:
    """Tell whether a world has a row with something in a column."""
    table: Any = column.table
    row = world.ours.get(table.fullname)
    return row is not None and row.get(column.name) is not None


def built_value(model: Model, column: Column[Any], schema: Schema) -> Any:
    """Return what a factory gives a column, if a schema takes it; `MISSING` otherwise."""
    moment = moment_for(str(narrowed(schema).get("format", "")), snake(column.name))
    if moment is not None:
        return moment
    value = built(model.kind).get(column.name, MISSING)
    if value is MISSING or value is None or isinstance(value, bytes):
        return MISSING
    if re.search(r"pass|hash", column.name):
        return MISSING
    said = plain(value)
    if narrowed(schema).get("type") == "string" and not isinstance(said, str):
        said = str(said) if isinstance(said, (int, float)) else said
    return said if fits(said, schema) else MISSING


@once_for_a_class
def built(kind: type[Any]) -> Mapping[str, Any]:
    """Return the values of a row that the factory of a class makes without a database.

    It is of a number that no row of a test has; a factory that needs the database makes none.
    """
    try:
        made = factory_for(kind).build(__sequence=NUMBER)
        model = Models([kind]).all[0]
    except Exception:  # noqa: BLE001 - a hint less; the checks of factories say what is wrong
        return {}
    held = vars(made)
    return {
        column.name: held[key]
        for key, column in model.attributes.items()
        if key in held and not column.foreign_keys
    }


def payload_of_model(model: Model, world: Any) -> dict[str, Any]:
    """Return a payload for a route of which nothing is known but what it is about.

    Args:
        model: The class that it is about.
        world: Has the rows.
    """
    payload: dict[str, Any] = {}
    for name, column in model.attributes.items():
        if column.foreign_keys:
            target = target_of(column)
            if is_there(target, world):
                payload[name] = symbol_of(target)
        elif not column.primary_key and name in built(model.kind):
            payload[name] = plain(built(model.kind)[column.name])
    return payload
