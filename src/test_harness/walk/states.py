"""Other states of our rows, in which a request may be granted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Column
from sqlalchemy import types as t

from test_harness.walk.evidence import MISSING, comparisons
from test_harness.walk.hints import spoken_of, symbol_of
from test_harness.walk.models import Model, Models, singular, snake
from test_harness.walk.operation import Operation
from test_harness.walk.recipe import Recipe, Symbol, plain, symbols_in
from test_harness.walk.visit import Visit

# What a column of a state is called where its type does not say its states.
_STATE = re.compile(r"(^|_)(status|state|stage|phase)$")
# What is never the reason, whatever an answer says.
_NEVER = re.compile(
    r"^(id|created_at|updated_at|name|title|description|email)$|password|hash|token"
)
ENOUGH = 100
MOST = 6


def states(
    operation: Operation, recipe: Recipe, visit: Visit, world: Any, models: Models
) -> Iterator[Recipe]:
    """Yield recipes that give a row of ours another state before, or that ask for a new row.

    Args:
        operation: What was asked.
        recipe: How it was asked.
        visit: What came of it.
        world: Has the rows.
        models: The classes of the application.
    """
    rows = _rows_in(recipe, world, models)
    for model in rows:
        for column, value in _asked_for(model, visit, world):
            yield _with(recipe, model, column, value)
    if visit.status not in {400, 403, 409, 422}:
        if operation.method == "DELETE":
            yield from _anew(recipe, rows)
        return
    said = {_stem(word) for word in re.findall(r"[A-Za-z]+", snake(visit.text[:2000]))}
    found = [pair for model in rows for pair in _spoken_of(model, said, world, operation)]
    found.sort(key=lambda it: -it[0])
    if operation.method == "DELETE":
        yield from _anew(recipe, rows)
    for _, model, column, options in found[:MOST]:
        for option in options[:MOST]:
            yield _with(recipe, model, column, option)
        # Between what an answer speaks of and what it does not, a row of which nothing depends.
        yield from _anew(recipe, rows)
    yield from _anew(recipe, rows)


def shown(
    operation: Operation, recipe: Recipe, visit: Visit, world: Any, models: Models
) -> Iterator[Recipe]:
    """Yield recipes in which a list that was empty may have our row.

    Args:
        operation: The list.
        recipe: How it was asked.
        visit: What came of it.
        world: Has the rows.
        models: The classes of the application.
    """
    model = spoken_of(operation, models)
    if model is None or model.table.fullname not in world.ours:
        return
    found = recipe
    for column, value in _asked_for(model, visit, world):
        found = _with(found, model, column, value)
    if found is not recipe:
        yield found
    # A parameter may limit it to what our row has not.
    own = {name: model.column(name) for name in recipe.query}
    known = {name: symbol_of(it) for name, it in own.items() if it is not None}
    if recipe.query:
        yield recipe.but(query={})
    if known and known != {name: recipe.query[name] for name in known}:
        yield recipe.but(query={**recipe.query, **known})


def _rows_in(recipe: Recipe, world: Any, models: Models) -> list[Model]:
    """Return the classes of the rows that a recipe speaks of, the last of its path first."""
    held = [*reversed(list(recipe.path.values())), recipe.json, recipe.form, recipe.query]
    names = [
        one.of.rpartition(".")[0] for it in held for one in symbols_in(it) if one.kind == "row"
    ]
    found = [models.of_table(name) for name in dict.fromkeys(names) if name in world.ours]
    return [one for one in found if one is not None]


def _with(recipe: Recipe, model: Model, column: Column[Any], value: Any) -> Recipe:
    name = model.table.fullname
    changed = {**recipe.rows.get(name, {}), column.name: value}
    return recipe.but(rows={**recipe.rows, name: changed})


def _anew(recipe: Recipe, rows: list[Model]) -> Iterator[Recipe]:
    for model in rows[:1]:
        name = f"{model.table.fullname}."
        path = {
            key: Symbol("new", it.of) if isinstance(it, Symbol) and it.of.startswith(name) else it
            for key, it in recipe.path.items()
        }
        if path != recipe.path:
            yield recipe.but(path=path)


def _asked_for(model: Model, visit: Visit, world: Any) -> Iterator[tuple[Column[Any], Any]]:
    """Yield what the application asked of a row, and the row has otherwise."""
    row = world.ours[model.table.fullname]
    for table, name, value in comparisons(visit):
        column = model.table.columns.get(name) if table == model.name else None
        if column is None or column.primary_key or column.foreign_keys or value is MISSING:
            continue
        held = row.get(name)
        if value is None or isinstance(column.type, (t.Boolean, t.Enum)):
            wanted = bool(value) if isinstance(column.type, t.Boolean) else value
            if plain(held) != plain(wanted) and not (value is None and not column.nullable):
                yield column, plain(wanted)
        elif _STATE.search(name) and plain(held) != plain(value) and isinstance(value, str):
            yield column, value


def _spoken_of(
    model: Model, said: set[str], world: Any, operation: Operation
) -> Iterator[tuple[int, Model, Column[Any], list[Any]]]:
    """Yield the columns that an answer speaks of, and what else they may have."""
    row = world.ours[model.table.fullname]
    for column in model.table.columns:
        if column.primary_key or column.foreign_keys or _NEVER.search(column.name):
            continue
        held = plain(row.get(column.name))
        names = {_stem(word) for word in column.name.split("_")}
        is_said = bool(said & names) or (isinstance(held, str) and _stem(held) in said)
        is_state = isinstance(column.type, t.Enum) or bool(_STATE.search(column.name))
        if not (is_said or is_state):
            continue
        options = [it for it in _options(column, held, operation) if it != held]
        if options:
            yield 2 * is_said + is_state, model, column, options


def _options(column: Column[Any], held: Any, operation: Operation) -> list[Any]:
    kind = column.type
    if isinstance(kind, t.Enum):
        members = kind.enum_class
        return [plain(one) for one in members] if members else list(kind.enums)
    if isinstance(kind, t.Boolean):
        return [not held]
    if isinstance(kind, (t.Integer, t.Numeric)):
        return [ENOUGH, 0]
    if isinstance(kind, (t.Date, t.DateTime)):
        word = "days" if isinstance(kind, t.Date) else "moment"
        return [Symbol(word, 7), Symbol(word, -7), *([None] if column.nullable else [])]
    if _STATE.search(column.name):
        return _choices_of(column.name, operation)
    return []


def _choices_of(name: str, operation: Operation) -> list[Any]:
    """Return what an operation says that a column may have: what it answers shows it."""
    for schema in (operation.body or {}, *operation.answers.values()):
        if choices := list(_enums(schema, name, 0)):
            return choices
    return []


def _enums(schema: Any, name: str, deep: int) -> Iterator[Any]:
    if not isinstance(schema, Mapping) or deep > 6:
        return
    one = schema.get("properties", {}).get(name, {})
    for part in (one, *one.get("anyOf", ()), *one.get("allOf", ())):
        yield from part.get("enum", ())
    for part in (
        schema.get("items"),
        *schema.get("anyOf", ()),
        *schema.get("properties", {}).values(),
    ):
        yield from _enums(part, name, deep + 1)


def _stem(word: str) -> str:
    """Return the beginning of a word, that its forms have in common."""
    return singular(word.lower())[:5]
