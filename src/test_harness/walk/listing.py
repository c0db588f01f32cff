"""Which rows an answer lists, and how it is asked for page after page."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from test_harness.walk.models import KEYS, Model, all_models, snake
from test_harness.walk.operation import Operation, Parameter, Schema
from test_harness.walk.performing import Book
from test_harness.walk.recipe import Recipe, plain
from test_harness.walk.scene import Scene
from test_harness.walk.telling import SHORTEST
from test_harness.walk.visit import Row, Visit

_TOTALS = {"total", "total_count", "total_items", "total_results", "total_records", "count_total"}
_SIZES = ("limit", "per_page", "page_size", "pagesize", "perpage", "size", "take", "max_results")
_PAGES = ("page", "page_number", "page_no", "p")
_OFFSETS = ("offset", "skip", "start")
_CURSORS = ("cursor", "after", "page_token", "next_token", "next_cursor", "starting_after")


@dataclass(frozen=True, eq=False)
class Listing:
    """What a list is of.

    Args:
        model: The class of its rows.
        place: Where it stands in the answer: the names that lead there.
    """

    model: Model
    place: tuple[str, ...]

    def elements(self, visit: Visit) -> list[Any]:
        """Return what an answer lists."""
        return elements_at(visit, self.place)

    def total(self, visit: Visit) -> tuple[str, int] | None:
        """Return what an answer says of how many rows there are, and under which name."""
        return total_in(visit, self.place)

    def columns(self, rows: Sequence[Row]) -> list[str]:
        """Return the columns that tell each of some rows from all others, the key first."""
        keys = [column.name for column in self.model.table.primary_key.columns]
        others = [
            name
            for name, value in rows[0].items()
            if isinstance(value, (str, uuid.UUID)) and len(str(value)) >= SHORTEST
        ]
        return [
            name
            for name in dict.fromkeys([*keys, *others])
            if len({str(row.get(name)) for row in rows}) == len(rows)
        ]

    def shows(self, element: Any, row: Row, column: str) -> bool:
        """Tell whether an element is of a row, by one of its columns."""
        value = plain(row[column])
        if isinstance(value, str):
            return value in _texts(element)
        names = {column, *KEYS, *(f"{name}_id" for name in self.model.called)}
        attributes = [it for it, one in self.model.attributes.items() if one.name == column]
        return bool(_number(element, {*names, *attributes}) == value) and self._agrees(element, row)

    def _agrees(self, element: Mapping[str, Any], row: Row) -> bool:
        """Tell whether the texts of an element are the row's: another table has a row 1 as well."""
        for name, value in element.items():
            column = self.model.column(name)
            own = None if column is None else row.get(column.name)
            if type(own) is str and type(value) is str and own != value:
                return False
        return True


def elements_at(visit: Visit, place: tuple[str, ...]) -> list[Any]:
    """Return what an answer lists at a place; nothing where there is no list.

    Args:
        visit: The request and its answer.
        place: The names that lead there.
    """
    held = visit.json
    for name in place:
        held = held.get(name) if isinstance(held, Mapping) else None
    return held if isinstance(held, list) else []


def places_of(visit: Visit) -> list[tuple[str, ...]]:
    """Return where in an answer there are lists of more than values."""
    return [place for place, _ in _lists(visit.json)]


def total_in(visit: Visit, place: tuple[str, ...]) -> tuple[str, int] | None:
    """Return what an answer says of how many rows there are, and under which name.

    Args:
        visit: The request and its answer.
        place: Where the list stands.
    """
    for held in [visit.json, *_around(visit.json, place)]:
        for name, value in held.items() if isinstance(held, Mapping) else ():
            if snake(name) in _TOTALS and isinstance(value, int):
                return name, value
    for name, said_there in visit.headers.items():
        if name.lower() == "x-total-count" and str(said_there).isdecimal():
            return name, int(said_there)
    return None


def promised(visit: Visit) -> tuple[str, int] | None:
    """Return how many rows an answer says there are although it lists none; None if it does.

    Args:
        visit: The request and its answer.
    """
    held = visit.json
    lists = (
        {name: one for name, one in held.items() if isinstance(one, list)}
        if isinstance(held, Mapping)
        else {}
    )
    total = total_in(visit, ())
    return total if len(lists) == 1 and not any(lists.values()) and total and total[1] else None


def listing_of(scene: Scene) -> Listing | None:
    """Return what the answer to a request lists; None where it lists no rows of ours.

    Args:
        scene: The operation, with its answer.
    """
    segments = [it for it in scene.operation.path.split("/") if it and "{" not in it]
    called = all_models().called(segments[-1]) if segments else None
    models = [called] if called is not None else []
    models += [one for name in scene.world.ours if (one := all_models().of_table(name))]
    for place, held in _lists(scene.granted.json):
        for model in dict.fromkeys(models):
            row = scene.world.ours.get(model.table.fullname)
            found = Listing(model, place)
            by_key = [] if model is not called else [one.name for one in model.table.primary_key]
            if row is None:
                continue
            for column in [*by_key, *_own(scene, model, row)]:
                if any(found.shows(element, row, column) for element in held):
                    return found
    return None


@dataclass(frozen=True)
class Single:
    """An operation that answers one row.

    Args:
        operation: The operation.
        recipe: Of the request that it is granted with.
        table: The table of the row, which its path names last.
    """

    operation: Operation
    recipe: Recipe
    table: str


def singles(book: Book, *, above: str = "", table: str = "") -> Iterator[Single]:
    """Yield the operations that answer one row, and may be sent.

    Args:
        book: Has the operations, and their recipes.
        above: The path of the list that the row is in; any if it is empty.
        table: The table of the row; any if it is empty.
    """
    for name, operation in book.operations.items():
        path, _, last = operation.path.rpartition("/{")
        is_single = operation.method == "GET" and last.endswith("}") and last.count("}") == 1
        recipe = book.recipes.get(name)
        if not is_single or recipe is None or recipe.skip or (above and path != above.rstrip("/")):
            continue
        tables = recipe.tables_in_path
        if tables and table in {"", tables[-1]}:
            yield Single(operation, recipe, tables[-1])


def list_above(operation: Operation, book: Book) -> Operation | None:
    """Return the operation that lists what another answers one of; None where none may be sent.

    Args:
        operation: One whose path has a parameter.
        book: Has the operations, and their recipes.
    """
    above = operation.path.rpartition("/{")[0]
    names = (f"GET {above}", f"GET {above}/")
    known = (name for name in names if name in book.operations and name in book.recipes)
    return next((book.operations[name] for name in known if not book.recipes[name].skip), None)


def _own(scene: Scene, model: Model, row: Row) -> list[str]:
    """Return the columns of texts that no other row of ours has."""
    places, own = scene.world.places, {("ours", model.table.fullname)}
    keys = {column.name for column in model.table.primary_key}
    return [
        column
        for column, value in row.items()
        if isinstance(value, (str, uuid.UUID)) and len(str(value)) >= SHORTEST
        if column in keys or places.get(str(value), own) <= own
        if not model.table.columns[column].foreign_keys
    ]


@dataclass(frozen=True)
class Paging:
    """How pages are asked for.

    Args:
        size: Says how many rows a page has.
        step: Says which page it is.
        kind: How: `page` counts pages, `offset` rows, `cursor` is what the page before says.
    """

    size: Parameter
    step: Parameter
    kind: str

    @property
    def least(self) -> int:
        """How few rows a page may have: 2 if that is allowed."""
        return max(2, _bound(self.size.schema, "minimum", 2))

    @property
    def most(self) -> int:
        """How many it may have."""
        return min(100, _bound(self.size.schema, "maximum", 100))


def paging_of(operation: Operation) -> Paging | None:
    """Return how pages of an operation are asked for; None where there are none."""
    by_name = {snake(one.name): one for one in operation.parameters_in("query")}
    size = next((by_name[name] for name in _SIZES if name in by_name), None)
    for kind, names in (("page", _PAGES), ("offset", _OFFSETS), ("cursor", _CURSORS)):
        step = next((by_name[name] for name in names if name in by_name), None)
        if step is not None and size is not None:
            return Paging(size, step, kind)
    return None


def at_once(operation: Operation) -> dict[str, Any]:
    """Return what a query says to be answered all rows, as far as pages are that long.

    Args:
        operation: A list; one without pages is answered whole without a word.
    """
    paging = paging_of(operation)
    return {} if paging is None else {paging.size.name: paging.most}


def first_page(paging: Paging) -> int | None:
    """Return the number of the first page; None where nothing says it."""
    for one in alternatives(paging.step.schema):
        for word in ("default", "minimum"):
            if one.get(word) in (0, 1) and not isinstance(one.get(word), bool):
                return int(one[word])
    return None


def next_cursor(paging: Paging, listing: Listing, visit: Visit) -> Any:
    """Return what an answer says to go on with; None at the end."""
    name = snake(paging.step.name)
    wanted = {f"next_{name}", name, "next", "next_cursor", "next_token", "next_page_token"}
    for held in [visit.json, *_around(visit.json, listing.place)]:
        for key, value in held.items() if isinstance(held, Mapping) else ():
            if snake(key) in wanted and isinstance(value, (str, int)) and "/" not in str(value):
                return value
    return None


def _lists(held: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    if isinstance(held, list) and held and isinstance(held[0], Mapping):
        yield place, held
    if isinstance(held, Mapping) and len(place) < 2:
        for name, one in held.items():
            # Of a single row its children are no list that pages are made of.
            if isinstance(one, list) or name in {"data", "result", "results", "_embedded"}:
                yield from _lists(one, (*place, name))


def _around(held: Any, place: tuple[str, ...]) -> Iterator[Any]:
    for name in place[:-1]:
        held = held.get(name) if isinstance(held, Mapping) else None
        yield held
    if isinstance(held, Mapping):
        yield from (held.get(it) for it in ("meta", "pagination", "page", "paging", "page_info"))


def _texts(element: Any) -> set[str]:
    if isinstance(element, Mapping):
        return {text for one in element.values() for text in _texts(one)}
    if isinstance(element, list):
        return {text for one in element for text in _texts(one)}
    return {str(element)}


def _number(element: Any, names: set[str]) -> Any:
    if not isinstance(element, Mapping):
        return None
    return next((one for name, one in element.items() if snake(name) in names), None)


def alternatives(schema: Schema) -> list[Schema]:
    """Return a schema, and those of which one is enough for it."""
    return [schema, *schema.get("anyOf", ()), *schema.get("oneOf", ())]


def _bound(schema: Schema, word: str, default: int) -> int:
    found = [one[word] for one in alternatives(schema) if isinstance(one.get(word), int)]
    exclusive = "exclusiveMinimum" if word == "minimum" else "exclusiveMaximum"
    beside = 1 if word == "minimum" else -1
    found += [
        one[exclusive] + beside for one in alternatives(schema) if type(one.get(exclusive)) is int
    ]
    return found[0] if found else default


def said(element: Any) -> str:
    """Return an element of a list in one short line."""
    return re.sub(r"\s+", " ", json.dumps(element, default=str))[:120]
